// <script src="https://your-gate/intake/embed.js" data-token="…" data-language="en" data-title="…"></script>
// Puts the conversation's page into a frame where the script stands. The token is posted, never in an address.
"use strict";
(() => {
  const script = document.currentScript;
  const gate = new URL(script.src).origin;
  const name = `lendgate-intake-${Math.random().toString(36).slice(2)}`;
  const frame = document.createElement("iframe");
  frame.name = name;
  frame.title = script.dataset.title ?? "Loan application";
  frame.style.cssText = "width:100%;min-height:32rem;border:0";
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action: `${gate}/intake/chat`, target: name, hidden: true });
  for (const [field, value] of Object.entries({ does: "open", language: "en", ...script.dataset })) {
    if (!["does", "language", "token", "product", "applicant_id"].includes(field)) continue;
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name: field, value });
    form.append(input);
  }
  script.after(frame, form);
  form.submit();
  form.remove();
})();
