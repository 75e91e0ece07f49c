// The lab works without this script. It only sends the form by itself while you type, or when you click a character,
// and puts what comes back into the page that is open.
"use strict";
{
  const PAUSE = 350; // ms without a key pressed
  const TROUBLES = {
    401: "You are signed out. Sign in again to go on.",
    413: "This is more than the lab takes. Nothing was sent on.",
    429: "That was too fast. Wait a second, and try again.",
    503: "The server is busy. Try again in a few seconds.",
  };
  const ELSEWISE = "The server did not answer. The page is as it was; try again.";

  const form = document.querySelector("[data-lab]");
  const trouble = form.querySelector("[data-trouble]");
  const announcer = form.querySelector("[data-announces]");
  const acts = { token: "check", key: "check", algorithm: "check", header: "keep", claims: "keep" };
  const state = { sending: false, pressed: null, typed: null, timer: 0 };

  const tell = (words) => {
    trouble.hidden = !words;
    if (trouble.textContent !== words) trouble.textContent = words;
  };

  const valuesOf = () => new Map([...new FormData(form)].filter(([name]) => name !== "act"));

  // ---------------------------------------------------------------- what came back
  const renew = (old, fresh) => {
    if (!fresh || old.isEqualNode(fresh)) return;
    const open = [...old.querySelectorAll("details")].map((details) => details.open);
    const taken = document.importNode(fresh, true);
    taken.querySelectorAll("details").forEach((details, i) => { details.open ||= open[i] ?? false; });
    old.replaceWith(taken);
  };

  const refill = (field, fresh, sent, typing) => {
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
    for (const old of document.querySelectorAll("[data-live]")) renew(old, page.getElementById(old.id));
    for (const name of sent.keys()) {
      const [field, fresh] = [form.elements[name], page.getElementById(name)];
      if (field && fresh) refill(field, fresh, sent, typing);
    }
    document.dispatchEvent(new Event("daypass:new"));
    invite();
    announce();
  };

  // ---------------------------------------------------------------- one request at a time
  const ask = async (act, typing) => {
    const sent = valuesOf();
    const body = new URLSearchParams([...sent, ["act", act]]);
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.querySelector("[data-lab]") || answer.status === 429) return TROUBLES[answer.status] ?? ELSEWISE;
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
    tell(await ask(act, typing).catch(() => ELSEWISE));
    state.sending = false;
    const { pressed, typed } = state;
    [state.pressed, state.typed] = [null, null];
    const next = pressed ?? typed; // what was typed goes along with a button that was pressed
    if (next) send(next, Boolean(typed));
  };

  const sendSoon = (act) => {
    clearTimeout(state.timer);
    state.timer = setTimeout(send, PAUSE, act, true);
  };

  // ---------------------------------------------------------------- a click on a character
  const hits = (node, at, { clientX, clientY }) => {
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
        if (hits(walker.currentNode, at, click)) return before + at + 1;
      }
    }
    return 0;
  };

  const invite = () => {
    const text = form.querySelector("[data-characters]");
    form.querySelector("[data-clickable]").hidden = !text;
    text?.classList.add("token--clickable");
  };

  const changeClicked = (click) => {
    const text = click.target.closest("[data-characters]");
    if (!text || String(getSelection())) return; // a text that is being marked is being copied
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
  invite();
}
