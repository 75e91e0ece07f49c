// The attack gallery works without this script. It runs the attacks without leaving the page, and updates the score.
"use strict";
{
  const attacks = [...document.querySelectorAll(".attack")];
  const tryAll = document.querySelector("[data-try-all]");
  const bar = document.querySelector(".score progress");
  const status = document.querySelector(".score [role=status]");
  let running = false;

  // ---------------------------------------------------------------- the result of an attack
  const ask = async (form) => {
    const response = await fetch(form.action, { method: "POST", headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(response.statusText);
    return response.json();
  };

  const code = (text) => Object.assign(document.createElement("code"), { textContent: text });

  const fill = (attack, name, shown, ...content) => {
    const place = attack.querySelector(`[data-${name}]`);
    place.replaceChildren(...content);
    place.parentElement.hidden = !shown;
  };

  const addOutcome = (attack) => {
    const template = document.getElementById(attack.querySelector("[data-try]").dataset.try);
    attack.querySelector("footer").append(template.content.cloneNode(true));
  };

  const verdictOf = (attack) => attack.querySelector("[data-expected]"); // in the folded attack

  const show = (attack, { state, headline, reasons, message }) => {
    attack.dataset.state = state;
    if (!attack.querySelector("[data-outcome]")) addOutcome(attack);
    verdictOf(attack).textContent = headline;
    fill(attack, "headline", true, headline);
    fill(attack, "reasons", reasons.length, ...reasons.map(code));
    fill(attack, "message", message, message);
    attack.querySelector("[data-control]").parentElement.hidden = state === "unknown";
    attack.querySelector(".attack-stamp").hidden = !["refused", "let-in"].includes(state);
    attack.querySelector("[data-label]").textContent = "Try again";
  };

  const clearResult = (attack) => {
    delete attack.dataset.state;
    verdictOf(attack).textContent = verdictOf(attack).dataset.expected;
  };

  // ---------------------------------------------------------------- the score
  const count = (...states) => attacks.filter(({ dataset }) => states.includes(dataset.state)).length;

  const showScore = () => {
    const tried = attacks.filter(({ dataset }) => dataset.state).length;
    const counts = { tried, refused: count("refused", "kept-out"), "let-in": count("let-in", "broken") };
    for (const [name, value] of Object.entries(counts)) {
      document.querySelector(`[data-count="${name}"]`).textContent = value;
    }
    const result = tried < attacks.length ? null : count("refused", "let-in") === tried ? "expected" : "unexpected";
    for (const line of document.querySelectorAll("[data-result]")) line.hidden = line.dataset.result !== result;
  };

  // ---------------------------------------------------------------- running attacks
  const run = async (attack) => {
    const form = attack.querySelector("[data-try]");
    try {
      show(attack, await ask(form));
      showScore();
      return true;
    } catch {
      form.submit(); // the page that loads says what is wrong, for example that the session has ended
      return false;
    }
  };

  const runOne = async (attack) => {
    if (await run(attack)) {
      attack.querySelector("[data-outcome]").scrollIntoView({ block: "nearest" });
      const [title, headline] = ["h2", "[data-headline]"].map((name) => attack.querySelector(name).textContent);
      status.textContent = `${title}: ${headline}.`;
    }
  };

  const runAll = async () => {
    for (const attack of attacks) clearResult(attack);
    showScore();
    bar.value = 0;
    bar.hidden = false;
    for (const [done, attack] of attacks.entries()) {
      if (!await run(attack)) return;
      bar.value = done + 1;
    }
    status.textContent = document.querySelector("[data-result]:not([hidden])").textContent;
  };

  const onSubmit = (form, act) => {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (running) return;
      running = true;
      await act();
      running = false;
    });
  };

  for (const attack of attacks) onSubmit(attack.querySelector("[data-try]"), () => runOne(attack));
  onSubmit(tryAll, runAll);

  // ---------------------------------------------------------------- links to an attack, which some browsers open themselves
  const openTarget = () => document.getElementById(location.hash.slice(1))?.closest("details")?.setAttribute("open", "");
  addEventListener("hashchange", openTarget);
  openTarget();
}
