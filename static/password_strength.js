// Rates a new password while it is typed: the server estimates it as it does when the form is sent.
"use strict";
{
  const PAUSE = 350; // ms after the last key
  const ACCEPTED = { 3: "Hard to guess.", 4: "Very hard to guess." };

  const ask = async (action, password, signal) => {
    const body = new URLSearchParams({ new: password });
    const response = await fetch(action, { method: "POST", body, signal, headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(response.status);
    return response.json();
  };

  const show = (bar, score, words) => {
    bar.querySelector("meter").value = score;
    bar.querySelector("[role=status]").textContent = words;
  };

  const rate = async (bar, input, signal) => {
    try {
      const { score, accepted, advice } = await ask(bar.dataset.action, input.value, signal);
      show(bar, accepted ? score : Math.min(score, 2), accepted ? `${ACCEPTED[score]} ${advice}` : advice);
    } catch (error) {
      if (error.name !== "AbortError") show(bar, 0, "The password is checked when you send the form.");
    }
  };

  const watch = (bar) => {
    const input = document.getElementById(bar.dataset.rates);
    const state = { timer: 0, request: new AbortController() };
    bar.hidden = false;
    input.addEventListener("input", () => {
      clearTimeout(state.timer);
      state.request.abort();
      state.request = new AbortController();
      if (!input.value) show(bar, 0, "");
      else state.timer = setTimeout(rate, PAUSE, bar, input, state.request.signal);
    });
  };

  document.querySelectorAll("[data-rates]").forEach(watch);
}
