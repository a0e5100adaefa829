// What works without the server: theme, dialogs, shortcuts, and ages that go on growing.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const kept = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const show = () => {
    root.dataset.theme = kept() || (system.matches ? "dark" : "light");
    document.dispatchEvent(new CustomEvent("themed"));
  };
  show();
  system.addEventListener("change", show);

  const toggle = () => {
    try { localStorage.setItem("theme", root.dataset.theme === "dark" ? "light" : "dark"); } catch { /* kept nowhere */ }
    show();
  };
  const open = (id) => { const it = document.getElementById(id); if (it && !it.open) it.showModal(); };
  // Where the rail leads, with the account that the page was opened for.
  const go = (key) => document.querySelector(`.rail a[data-go="${CSS.escape(key)}"]`);
  const isTyping = (it) => it.closest && it.closest("input, select, textarea, [contenteditable]");
  const press = (name) => { const it = document.querySelector(`[data-key="${CSS.escape(name)}"]`); if (it) { it.click(); return true; } };

  document.addEventListener("click", (event) => {
    const it = event.target.closest("[data-opens], [data-closes], [data-theme-toggle]");
    if (!it) return;
    if (it.dataset.opens) open(it.dataset.opens);
    if (it.dataset.closes !== undefined) it.closest("dialog").close();
    if (it.dataset.themeToggle !== undefined) toggle();
  });

  // A form that says what is listed takes effect as soon as something is chosen.
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-auto]");
    if (form && event.target.matches("select")) form.requestSubmit();
  });

  let led = 0;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    const key = event.key;
    if (led && Date.now() - led < 1200 && go(key)) { location.assign(go(key).href); return; }
    led = 0;
    if (key === "g") { led = Date.now(); return; }
    if (key === "?") open("help");
    else if (key === "S") open("stop");
    else if (key === "t") toggle();
    else if (key === "/") { const it = document.querySelector("[data-search]"); if (!it) return; it.focus(); }
    else if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
    else if (!press(key)) return;
    event.preventDefault();
  });
  const step = (by) => {
    const links = [...document.querySelectorAll("a[data-row]")];
    const at = links.indexOf(document.activeElement);
    const next = links[Math.max(0, Math.min(links.length - 1, at + by))];
    if (next) next.focus();
  };

  // Moments are told as ages that this page keeps up by itself, also while nobody answers it.
  const meta = (name) => Number((document.querySelector(`meta[name="${name}"]`) || {}).content || 0);
  const ahead = meta("server-now") ? Date.now() - meta("server-now") : 0;
  const words = (s) => s < 10 ? `${s.toFixed(1)} s` : s < 120 ? `${Math.round(s)} s` : s < 7200 ? `${Math.round(s / 60)} min`
    : s < 172800 ? `${Math.round(s / 3600)} h` : `${Math.round(s / 86400)} d`;
  const tick = () => {
    const now = Date.now() - ahead;
    // An account's own time may run faster than ours, or stand still: the head says how.
    const clock = document.querySelector("[data-pace]");
    const present = clock && Number(clock.dataset.present) + (now - Number(clock.dataset.known)) * Number(clock.dataset.pace);
    for (const it of document.querySelectorAll("time[data-age]")) {
      const since = clock && it.dataset.at ? present - Number(it.dataset.at) : now - Number(it.dataset.age);
      const text = words(Math.max(0, since / 1000));
      if (it.textContent !== text) it.textContent = text;
    }
  };
  setInterval(tick, 500);
  document.addEventListener("DOMContentLoaded", tick);

  // A page that has lost its connection asks whether its reader may still look; if not, they log in again.
  const ASK_MS = 2000;
  const own = document.currentScript.src;
  let isAsking = false;
  const ask = async (lost) => {
    if (isAsking) return;
    isAsking = true;
    while (lost.ariaHidden === "false") {
      // Nobody answers: then the notice about the connection is all there is to say.
      const answer = await fetch(own, { cache: "no-store" }).catch(() => null);
      if (answer && answer.status === 401) location.reload();
      await new Promise((passed) => setTimeout(passed, ASK_MS));
    }
    isAsking = false;
  };
  document.addEventListener("DOMContentLoaded", () => {
    const lost = document.getElementById("popup");
    if (lost) new MutationObserver(() => ask(lost)).observe(lost, { attributes: true });
  });

  new MutationObserver((seen) => { if (seen.some((one) => one.addedNodes.length)) tick(); }).observe(document, { childList: true, subtree: true });
})();
