// Every page works without this script. It adds local times, a running countdown, "Show password" and "Copy".
"use strict";
{
  const SECOND = 1000;
  const STATES = { active: "Active", ending: "Expires soon", ended: "Expired" };

  // ---------------------------------------------------------------- local times
  const FORMATS = {
    weekday: "short", day: "numeric", month: "short", year: "numeric",
    hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  };

  const partsOf = (moment) => {
    const parts = new Intl.DateTimeFormat("en", FORMATS).formatToParts(moment);
    return Object.fromEntries(parts.map(({ type, value }) => [type, value]));
  };

  const dateOf = ({ day, month, year }) => `${day} ${month} ${year}`;

  const dayOf = (at, today) => `${at.weekday} ${at.day} ${at.month}${at.year === today.year ? "" : ` ${at.year}`}`;

  const bold = (text) => Object.assign(document.createElement("b"), { textContent: text });

  const FORMS = {
    moment: (at, today) => [`${dateOf(at) === dateOf(today) ? "Today" : dayOf(at, today)}, ${at.hour}:${at.minute}`],
    at: (at, today) => [`${dateOf(at) === dateOf(today) ? "" : `on ${dayOf(at, today)} `}at ${at.hour}:${at.minute}`],
    clock: (at, today) => [bold(`${at.hour}:${at.minute}`), ` ${dayOf(at, today)}`],
    second: (at) => [`${at.weekday} ${dateOf(at)}, ${at.hour}:${at.minute}:${at.second}`],
    date: (at) => [dateOf(at)],
    stamp: (at) => [dateOf(at).toUpperCase()],
  };

  const showLocalTimes = () => {
    const today = partsOf(new Date());
    for (const element of document.querySelectorAll("[data-moment]")) {
      const { moment, form } = element.dataset;
      element.replaceChildren(...FORMS[form](partsOf(new Date(moment)), today));
    }
  };

  const nameZone = () => {
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    const line = document.querySelector("[data-zone]");
    if (line && timeZone) line.textContent = `Times are shown in your time zone, ${timeZone}.`;
  };

  // ---------------------------------------------------------------- the countdown
  const durationParts = (seconds) => {
    const [minutes, hours, days] = [60, 3600, 86400].map((size) => Math.floor(seconds / size));
    const parts = days >= 2 ? [[days, "d"], [hours % 24, "h"]]
      : hours ? [[hours, "h"], [minutes % 60, "min"]]
      : minutes ? [[minutes, "min"]]
      : [[seconds, "s"]];
    return parts.filter(([count]) => count);
  };

  const stateOf = (seconds, last) => (seconds <= 0 ? "ended" : seconds <= last ? "ending" : "active");

  const showLeft = (pass, seconds) => {
    const words = durationParts(seconds).flatMap(([count, unit]) => [bold(count), ` ${unit} `]);
    pass.querySelector("[data-left]").replaceChildren(...words, seconds ? "left" : "No time left");
    pass.querySelector("progress").value = seconds;
  };

  const classOf = (state) => `pass--${state}`;

  const showState = (pass, state) => {
    pass.classList.remove(...Object.keys(STATES).map(classOf));
    pass.classList.add(classOf(state));
    const words = pass.querySelector("[data-state]"); // small passes have none
    if (words) words.textContent = STATES[state];
  };

  const countDown = (pass) => {
    const { expires, now, last } = pass.dataset;
    const end = Date.parse(expires) + (Date.now() - Date.parse(now)); // the visitor's clock may be wrong, so count by the server's
    const shown = { words: "", state: Object.keys(STATES).find((name) => pass.classList.contains(classOf(name))) };
    const tick = () => {
      const seconds = Math.max(0, Math.floor((end - Date.now()) / SECOND));
      const [words, state] = [durationParts(seconds).join(), stateOf(seconds, Number(last))];
      if (words !== shown.words) showLeft(pass, seconds);
      if (state !== shown.state) showState(pass, state);
      Object.assign(shown, { words, state });
      if (seconds) setTimeout(tick, SECOND);
    };
    tick();
  };

  // ---------------------------------------------------------------- "Show password"
  const show = (button, input, shown) => {
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", shown);
  };

  const offerToShow = (button) => {
    const input = document.getElementById(button.getAttribute("aria-controls"));
    button.hidden = false;
    button.addEventListener("click", () => show(button, input, input.type === "password"));
    input.form.addEventListener("submit", () => show(button, input, false));
  };

  // ---------------------------------------------------------------- "Copy"
  const offerToCopy = () => {
    for (const button of document.querySelectorAll("[data-copies]")) {
      button.hidden = !navigator.clipboard; // browsers offer it on HTTPS only
    }
  };

  const copy = (button) => {
    const source = document.getElementById(button.dataset.copies);
    const text = (source.value ?? source.textContent).trim(); // a field has a value
    const status = button.parentElement.querySelector("[role=status]");
    const report = (words) => () => { status.textContent = words; };
    navigator.clipboard.writeText(text).then(report("Copied"), report("Your browser did not allow it. Select the text and copy it."));
  };

  const onClick = ({ target }) => {
    const button = target.closest("[data-copies]");
    if (button) copy(button);
  };

  showLocalTimes();
  nameZone();
  document.querySelectorAll("[data-expires]").forEach(countDown);
  document.querySelectorAll("[aria-pressed][aria-controls]").forEach(offerToShow);
  offerToCopy();
  document.addEventListener("click", onClick);
  document.addEventListener("daypass:new", showLocalTimes); // another script has added content to the page
  document.addEventListener("daypass:new", offerToCopy);
}
