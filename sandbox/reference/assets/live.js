// Keeps the live page up to date: the server sends each section that has changed, and what is different in it is
// changed in the page, so that what somebody has opened, chosen or typed stays. Forms are sent without leaving the
// page.
const connection = document.getElementById("connection");
const alert = document.getElementById("alert");
const sections = ["clock", "interconnects", "cnis", "faults", "slots", "requests"];

// ---- Updates ----

let source, again;

function listen() {
  close();
  source = new EventSource(connection.dataset.events);
  source.addEventListener("open", () => tell("Live", "live"));
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) { // refused, so that the browser does not try again by itself
      tell("No updates: the sandbox takes no more listeners. Trying again.", "lost");
      again = setTimeout(listen, 5000);
    } else {
      tell("The connection is lost. Trying again.", "lost");
    }
  });
  for (const name of sections) {
    source.addEventListener(name, (event) => update(document.getElementById(name), event.data));
  }
}

function close() {
  clearTimeout(again);
  source?.close();
}

function tell(text, state) {
  connection.textContent = text;
  connection.className = state;
}

// A page that is hidden does not listen: browsers have few connections for each server.
function follow() {
  if (document.hidden) {
    close();
    tell("Paused", "quiet");
  } else {
    listen();
  }
}

document.addEventListener("visibilitychange", follow);
addEventListener("pagehide", close);
addEventListener("pageshow", (event) => { if (event.persisted) follow(); });
follow();

// update makes the content of an element that of the HTML.
function update(element, html) {
  const wanted = document.createElement("template");
  wanted.innerHTML = html;
  mend(element, wanted.content);
}

// mend makes the children of one node those of another. Those that have a key are recognized by it, others by their
// place.
function mend(from, to) {
  const keyed = new Map([...from.children].filter(key).map((child) => [key(child), child]));
  let at = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const alike = at && !key(at) && at.nodeName === wanted.nodeName;
    const known = key(wanted) ? keyed.get(key(wanted)) : alike ? at : undefined;
    if (!known) {
      if (key(wanted)) {
        wanted.classList.add("arrived");
      }
      from.insertBefore(wanted, at);
      continue;
    }
    if (known === at) {
      at = at.nextSibling;
    } else {
      from.insertBefore(known, at);
    }
    mendNode(known, wanted);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

function key(node) { return node.dataset?.key; }

function mendNode(from, to) {
  if (from.nodeType !== Node.ELEMENT_NODE) {
    if (from.data !== to.data) {
      from.data = to.data;
    }
    return;
  }
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name) && name !== "open") {
      from.removeAttribute(name);
    }
  }
  for (const { name, value } of to.attributes) {
    if (from.getAttribute(name) !== value) {
      from.setAttribute(name, value);
    }
  }
  mend(from, to);
}

// ---- Forms ----

document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const sent = new FormData(form, event.submitter);
  alert.replaceChildren();
  try {
    const response = await fetch(form.action, { method: "POST", body: new URLSearchParams(sent), redirect: "manual" });
    if (response.type === "opaqueredirect") { // back to the page, so it is done
      form.reset();
      form.closest("details")?.removeAttribute("open");
      return;
    }
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    refuse(page.querySelector("#alert p")?.textContent ?? `Not done: the sandbox responds ${response.status}`);
  } catch {
    refuse("Not done: the sandbox does not respond");
  }
});

function refuse(text) {
  const line = document.createElement("p");
  line.textContent = text;
  alert.replaceChildren(line);
}
