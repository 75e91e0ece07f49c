// The lab works without this script. It submits the form while you type or when you click a character, and updates
// the open page from the response.
"use strict";
{
  const PAUSE = 350; // milliseconds without a key press
  const SECOND = 1000; // milliseconds
  const LONGEST = 65536; // characters of a request; the server reads no more
  const ERRORS = {
    401: "You are signed out. Sign in again to continue.",
    413: "This is too long for the lab, which reads at most 64 KiB. Nothing was changed.",
    429: "That was too fast. Wait a second and try again.",
    503: "The server is busy. Try again in a few seconds.",
  };
  const FORM = "application/x-www-form-urlencoded";
  const NO_RESPONSE = "The server did not respond. Nothing was changed. Try again.";

  const form = document.querySelector("[data-lab]");
  const errorNotice = form.querySelector("[data-error]");
  const announcer = form.querySelector("[data-announces]");
  const linkedNotice = form.querySelector("[data-linked]");
  const acts = {
    algorithm: "algorithm", key: "check", in_base64url: "check", token: "check", other: "check",
    header: "keep", claims: "keep", clock: "time", leeway: "time",
  };
  const state = { sending: false, pressed: null, typed: null, timer: 0 };

  const showError = (words) => {
    errorNotice.hidden = !words;
    if (errorNotice.textContent !== words) errorNotice.textContent = words;
  };

  const valuesOf = () => new Map([...new FormData(form)].filter(([name]) => name !== "act"));

  // ---------------------------------------------------------------- the response
  const replaceElement = (old, fresh) => {
    if (!fresh || old.isEqualNode(fresh)) return;
    const focused = old.contains(document.activeElement) && document.activeElement.id;
    const open = [...old.querySelectorAll("details")].map((details) => details.open);
    const replacement = document.importNode(fresh, true);
    replacement.querySelectorAll("details").forEach((details, i) => { details.open ||= open[i] ?? false; });
    old.replaceWith(replacement);
    if (focused) document.getElementById(focused)?.focus();
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

  const isValid = () => Boolean(form.querySelector(".verdict--valid"));

  const show = (page, sent, typing) => {
    const wasValid = isValid();
    for (const old of document.querySelectorAll("[data-live]")) replaceElement(old, page.getElementById(old.id));
    for (const name of sent.keys()) {
      const [field, fresh] = [form.elements[name], page.getElementById(name)];
      if (field && fresh) refillField(field, fresh, sent, typing);
    }
    if (wasValid && !isValid()) form.querySelector(".verdict").classList.add("verdict--tears");
    document.dispatchEvent(new Event("daypass:new"));
    linkedNotice.hidden = true;
    offerClicks();
    showTime();
    announce();
  };

  // ---------------------------------------------------------------- one request at a time
  // one key is made per second, so the next algorithm may have to wait
  const isTooEarly = (response, act) => (
    act === "algorithm" && response.status === 429 && response.headers.get("Retry-After") === "1");

  const ask = async (act, typing) => {
    const sent = valuesOf();
    const body = new URLSearchParams([...sent, ["act", act]]).toString();
    if (body.length > LONGEST) return ERRORS[413];
    const response = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html", "Content-Type": FORM } });
    if (isTooEarly(response, act)) {
      setTimeout(send, SECOND, act, typing);
      return "";
    }
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

  // ---------------------------------------------------------------- the clock
  const UNITS = [["year", 31557600], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]]; // in seconds
  const FORMAT = new Intl.DateTimeFormat("en-GB", {
    weekday: "short", day: "numeric", month: "short", year: "numeric",
    hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  });
  const serverAhead = Date.parse(form.querySelector("[data-clock]").dataset.now) - Date.now(); // of the visitor's clock

  const distance = (seconds) => {
    const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? [];
    if (!unit) return "now";
    const count = Math.floor(Math.abs(seconds) / length);
    const words = `${count} ${unit}${count === 1 ? "" : "s"}`;
    return seconds > 0 ? `in ${words}` : `${words} ago`;
  };

  const clockTime = ({ offset }) => Math.floor((Date.now() + serverAhead) / SECOND) + Number(offset); // in seconds

  const showTime = () => {
    const clock = form.querySelector("[data-clock]");
    const now = clockTime(clock.dataset);
    clock.querySelector("[data-clock-now]").textContent = FORMAT.format(now * SECOND).replace(",", "");
    for (const element of form.querySelectorAll("[data-distance]")) {
      const words = distance(Number(element.dataset.distance) - now);
      if (element.textContent !== words) element.textContent = words;
    }
    if (clock.dataset.next && now >= Number(clock.dataset.next)) {
      delete clock.dataset.next;
      send("time", true);
    }
  };

  // ---------------------------------------------------------------- a link to the state, without the key
  const LINK = "#lab=";
  const LINKED = ["algorithm", "token", "original", "other", "offset", "leeway"];
  const FOREIGN = "The address has a part after “#” that the lab did not make. It was ignored.";
  const WITHOUT_KEY = "This token came with the link, without its key. Enter the key to verify it.";
  const WITH_EXAMPLE = "This token came with the link. The key is the lab’s example.";

  const toBase64url = (text) => btoa(String.fromCodePoint(...new TextEncoder().encode(text)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

  const fromBase64url = (text) => new TextDecoder("utf-8", { fatal: true }).decode(
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.codePointAt(0)));

  const linkToState = () => {
    const state = Object.fromEntries(LINKED.map((name) => [name, form.elements[name].value]));
    state.example = String(form.elements.key.value === form.dataset.exampleKey);
    return new URL(LINK + toBase64url(JSON.stringify(state)), location.href).href;
  };

  const isChoice = (select, value) => [...select.options].some((option) => option.value === value);

  const stateOf = (fragment) => {
    const state = JSON.parse(fromBase64url(fragment.slice(LINK.length)));
    const texts = [...LINKED, "example"].every((name) => typeof state[name] === "string" && state[name].length < LONGEST);
    const offered = texts && ["algorithm", "leeway"].every((name) => isChoice(form.elements[name], state[name]));
    if (!offered || !/^-?[0-9]{1,12}$/.test(state.offset)) throw new TypeError("not a state of the lab");
    return state;
  };

  const showLinked = (words) => {
    linkedNotice.textContent = words;
    linkedNotice.hidden = false;
  };

  const restore = async (state) => {
    for (const name of LINKED) form.elements[name].value = state[name];
    form.elements.key.value = state.example === "true" ? form.dataset.exampleKey : "";
    await send("check", false);
    showLinked(state.example === "true" ? WITH_EXAMPLE : WITHOUT_KEY);
  };

  const followLink = () => {
    const fragment = location.hash;
    if (fragment.length < 2 || document.getElementById(fragment.slice(1))) return;
    try {
      if (!fragment.startsWith(LINK)) throw new TypeError("not a link of the lab");
      restore(stateOf(fragment));
    } catch {
      showLinked(FOREIGN);
    }
  };

  const copyLink = async (button) => {
    const status = button.parentElement.querySelector("[role=status]");
    try {
      await navigator.clipboard.writeText(linkToState());
      status.textContent = "Copied";
    } catch { // browsers offer the clipboard on HTTPS only
      status.replaceChildren(Object.assign(document.createElement("a"), { href: linkToState(), textContent: "Copy this link" }));
    }
  };

  // ---------------------------------------------------------------- events
  form.addEventListener("input", ({ target }) => { if (target.name in acts) sendSoon(acts[target.name]); });
  form.addEventListener("paste", ({ target }) => {
    if (target.name === "token") setTimeout(send, 0, "read", false); // the field shows the token without its wrapping
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(event.submitter?.value ?? "check", false);
  });
  form.addEventListener("click", changeClicked);
  form.addEventListener("click", ({ target }) => { if (target.closest("[data-link]")) copyLink(target); });
  addEventListener("hashchange", followLink);
  for (const element of form.querySelectorAll("[data-links]")) element.hidden = false;
  offerClicks();
  showTime();
  setInterval(showTime, SECOND);
  followLink();
}
