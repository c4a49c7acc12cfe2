// Makes the page's form stream. Without it the form works by itself; it uses text, never markup.
"use strict";
(() => {
  const main = document.querySelector("main[data-session]");
  const form = document.getElementById("form");
  const box = document.getElementById("text");
  if (!main || !form || !box) return;
  const words = JSON.parse(main.dataset.words);
  const session = `/intake/sessions/${encodeURIComponent(main.dataset.session)}`;
  const log = document.getElementById("log");
  const status = document.getElementById("status");
  const wrong = document.getElementById("wrong");
  const submit = document.getElementById("submit");
  const TOKEN = /\[tok_[A-Za-z0-9]+\]/g; // stands where an identifier was
  const WAITS_MS = [250, 500, 1000, 2000, 4000, 8000];
  let last = main.dataset.last;
  let busy = false;

  form.addEventListener("submit", (event) => {
    const does = event.submitter?.value ?? "say";
    if (does === "submit") return; // a form of its own right: its answer is the next page
    event.preventDefault();
    const text = does === "person" ? words.person_please : box.value.trim();
    if (text !== "" && !busy) void say(text, does === "say");
  });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("button[value=say]"));
  });

  async function say(text, typed) {
    const id = form.elements.message_id.value;
    working(true);
    wrong.textContent = "";
    show(id, "person", text);
    if (typed) box.value = "";
    const message = { method: "POST", body: JSON.stringify({ text, message_id: id }) };
    const failure = await follow(() => ask(`${session}/messages`, message));
    if (failure === null) {
      form.elements.message_id.value = crypto.randomUUID();
      await refresh();
    } else {
      // The same id is kept: sending it again says nothing twice.
      if (typed) box.value = text;
      log.querySelector(`[data-message="${CSS.escape(id)}"]`)?.remove();
      wrong.textContent = failure;
      status.textContent = "";
    }
    working(false);
    box.focus();
  }

  /** Read an answer to its end, over as many connections as it takes; gives what went wrong, or null. */
  async function follow(begin) {
    for (let attempt = 0; ; attempt++) {
      try {
        const response = await begin();
        if (response.status >= 400 && response.status < 500) return (await response.json()).reason ?? words.cut;
        if (response.ok && (await read(response))) return null;
      } catch {
        // The connection was cut: what follows begins where the reading stopped.
      }
      if (attempt === WAITS_MS.length) return words.cut;
      status.textContent = words.connecting;
      await new Promise((resolve) => setTimeout(resolve, WAITS_MS[attempt]));
    }
  }

  /** Read server-sent events; gives whether the assistant's message came to its end. */
  async function read(response) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    let ended = false;
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return ended;
      const blocks = (rest + value.replaceAll("\r", "")).split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) ended = take(block) || ended;
    }
  }

  function take(block) {
    const fields = Object.fromEntries(block.split("\n").map((line) => [line.split(":", 1)[0], line.replace(/^[^:]*: ?/, "")]));
    if (!fields.id || !fields.data) return false;
    last = fields.id;
    const data = JSON.parse(fields.data);
    if (fields.event === "started") status.textContent = words.writing;
    if (fields.event === "started") show(data.message_id, "assistant", "");
    if (fields.event === "delta") show(data.message_id, "assistant", data.text);
    if (fields.event !== "completed") return false;
    status.textContent = words.answered;
    if (submit) submit.hidden = data.phase !== "confirmed";
    return true;
  }

  /** Add text to a message, which is made where it is not there yet. */
  function show(id, role, text) {
    let item = log.querySelector(`[data-message="${CSS.escape(id)}"]`);
    if (!item) {
      item = document.createElement("div");
      item.className = `turn ${role}`;
      item.dataset.message = id;
      const who = document.createElement("span");
      who.className = "who";
      who.textContent = words[role];
      item.append(who, document.createElement("p"));
      log.append(item);
    }
    item.lastElementChild.textContent += text;
    item.scrollIntoView({ block: "nearest" });
  }

  function rewrite(id, text) {
    const element = log.querySelector(`[data-message="${CSS.escape(id)}"] p`);
    if (element) element.textContent = text.replace(TOKEN, words.hidden);
  }

  async function refresh() {
    const response = await ask(session, { method: "GET" }).catch(() => null);
    if (!response?.ok) return;
    const { known, messages } = await response.json();
    for (const { message_id: id, role, text } of messages) {
      if (role === "person") rewrite(id, text); // as it is kept: without numbers that identify anybody
    }
    const list = document.querySelector("#known dl");
    list.replaceChildren(...known.flatMap(({ label, shown }) => [part("dt", label), part("dd", shown)]));
  }

  function part(name, text) {
    const element = document.createElement(name);
    element.textContent = text;
    return element;
  }

  function ask(path, init) {
    const headers = { authorization: `Bearer ${form.elements.token.value}`, accept: "text/event-stream, application/json;q=0.5" };
    if (init.body) headers["content-type"] = "application/json";
    if (last) headers["last-event-id"] = last;
    return fetch(path, { ...init, headers, cache: "no-store", credentials: "omit" });
  }

  function working(is) {
    busy = is;
    log.setAttribute("aria-busy", String(is));
    for (const button of form.querySelectorAll("button")) button.disabled = is;
  }
})();
