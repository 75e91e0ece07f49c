// The lab works without this script. It submits the form while you type or when you click a character, and updates
// the open page from the response.
"use strict";
{
  const PAUSE = 350; // milliseconds without a key press
  const ERRORS = {
    401: "You are signed out. Sign in again to continue.",
    413: "This is too long for the lab. Nothing was changed.",
    429: "That was too fast. Wait a second and try again.",
    503: "The server is busy. Try again in a few seconds.",
  };
  const NO_RESPONSE = "The server did not respond. Nothing was changed. Try again.";

  const form = document.querySelector("[data-lab]");
  const errorNotice = form.querySelector("[data-error]");
  const announcer = form.querySelector("[data-announces]");
  const acts = { token: "check", key: "check", algorithm: "check", header: "keep", claims: "keep" };
  const state = { sending: false, pressed: null, typed: null, timer: 0 };

  const showError = (words) => {
    errorNotice.hidden = !words;
    if (errorNotice.textContent !== words) errorNotice.textContent = words;
  };

  const valuesOf = () => new Map([...new FormData(form)].filter(([name]) => name !== "act"));

  // ---------------------------------------------------------------- the response
  const replaceElement = (old, fresh) => {
    if (!fresh || old.isEqualNode(fresh)) return;
    const open = [...old.querySelectorAll("details")].map((details) => details.open);
    const replacement = document.importNode(fresh, true);
    replacement.querySelectorAll("details").forEach((details, i) => { details.open ||= open[i] ?? false; });
    old.replaceWith(replacement);
  };

  const refillField = (field, fresh, sent, typing) => {
    const invalid = fresh.getAttribute("aria-invalid");
    if (invalid) field.setAttribute("aria-invalid", invalid); else field.removeAttribute("aria-invalid");
    const edited = field.value !== sent.get(field.name);
    const busy = typing && field === document.activeElement;
    if (!edited && !busy && field.value !== fresh.value) field.value = fresh.value;
    if (fresh.rows) field.rows = fresh.rows;
  };

  const announce = () => {
    const words = form.querySelector("[data-verdict]").textContent;
    if (announcer.textContent !== words) announcer.textContent = words;
  };

  const show = (page, sent, typing) => {
    for (const old of document.querySelectorAll("[data-live]")) replaceElement(old, page.getElementById(old.id));
    for (const name of sent.keys()) {
      const [field, fresh] = [form.elements[name], page.getElementById(name)];
      if (field && fresh) refillField(field, fresh, sent, typing);
    }
    document.dispatchEvent(new Event("daypass:new"));
    offerClicks();
    announce();
  };

  // ---------------------------------------------------------------- one request at a time
  const ask = async (act, typing) => {
    const sent = valuesOf();
    const body = new URLSearchParams([...sent, ["act", act]]);
    const response = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (!page.querySelector("[data-lab]") || response.status === 429) return ERRORS[response.status] ?? NO_RESPONSE;
    show(page, sent, typing);
    return "";
  };

  const send = async (act, typing) => {
    clearTimeout(state.timer);
    if (state.sending) {
      state[typing ? "typed" : "pressed"] = act;
      return;
    }
    state.sending = true;
    showError(await ask(act, typing).catch(() => NO_RESPONSE));
    state.sending = false;
    const { pressed, typed } = state;
    [state.pressed, state.typed] = [null, null];
    const next = pressed ?? typed; // a pressed button sends what was typed too
    if (next) send(next, Boolean(typed));
  };

  const sendSoon = (act) => {
    clearTimeout(state.timer);
    state.timer = setTimeout(send, PAUSE, act, true);
  };

  // ---------------------------------------------------------------- a click on a character
  const isOver = (node, at, { clientX, clientY }) => {
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + 1);
    return [...range.getClientRects()].some(({ left, right, top, bottom }) => (
      left <= clientX && clientX <= right && top <= clientY && clientY <= bottom));
  };

  const placeOf = (text, click) => {
    const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
    for (let before = 0; walker.nextNode(); before += walker.currentNode.length) {
      for (let at = 0; at < walker.currentNode.length; at += 1) {
        if (isOver(walker.currentNode, at, click)) return before + at + 1;
      }
    }
    return 0;
  };

  const offerClicks = () => {
    const text = form.querySelector("[data-characters]");
    form.querySelector("[data-clickable]").hidden = !text;
    text?.classList.add("token--clickable");
  };

  const changeClicked = (click) => {
    const text = click.target.closest("[data-characters]");
    if (!text || String(getSelection())) return; // the visitor is selecting text, not clicking
    const place = placeOf(text, click);
    if (!place) return;
    form.elements.place.value = place;
    send("change", false);
  };

  form.addEventListener("input", ({ target }) => { if (target.name in acts) sendSoon(acts[target.name]); });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(event.submitter?.value ?? "check", false);
  });
  form.addEventListener("click", changeClicked);
  offerClicks();
}
