// Starts Swagger UI on the document of the forms, which is filled in with what exists in the sandbox, and adds what
// Swagger UI lacks: a filter that looks at operations, a link for a PDF, and names for its controls.
const root = document.getElementById("swagger-ui");

const ui = SwaggerUIBundle({
  domNode: root,
  url: root.dataset.url,
  presets: [SwaggerUIBundle.presets.apis],
  plugins: [adapt],
  layout: "BaseLayout",
  deepLinking: true,
  filter: true,
  displayRequestDuration: true,
  syntaxHighlight: { theme: "obsidian" }, // which has enough contrast
  persistAuthorization: false,
  validatorUrl: null, // or Swagger UI asks a server of its own
  onComplete() {
    for (const scheme of root.dataset.bearer.split(" ").filter(Boolean)) {
      ui.preauthorizeApiKey(scheme, root.dataset.token);
    }
  },
});

function adapt({ React }) {
  const element = React.createElement;
  return {
    fn: { opsFilter },
    components: {
      InfoUrl: () => null, // that of the forms; the page has a link to the document
      ServersContainer: () => null, // there is only this one

      FilterContainer({ layoutSelectors, layoutActions }) {
        const filter = layoutSelectors.currentFilter();
        const input = element("input", {
          type: "search",
          value: typeof filter === "string" ? filter : "",
          placeholder: "Name, method, path or summary",
          onChange: (event) => layoutActions.updateFilter(event.target.value),
        });
        return element("div", { className: "wrapper" },
          element("h2", null, "Operations"),
          element("label", { className: "operations-filter" }, element("span", null, "Filter operations"), input));
      },
    },
    wrapComponents: {
      // The button that opens an operation has its path in it, which must not be a link of its own.
      DeepLink: (Original) => (props) =>
        props.path.includes("/") ? element("span", null, props.text) : element(Original, props),

      responseBody: (Original) => (props) => {
        if (!(props.content instanceof Blob) || !/^application\/pdf\b/i.test(props.contentType)) {
          return element(Original, props);
        }
        const name = fileName(props.url);
        return element("p", { className: "download" },
          element("a", { href: urlOf(props.content), download: name }, `Download ${name}`),
          ` (PDF, ${Math.ceil(props.content.size / 1024)} KiB)`);
      },
    },
    statePlugins: {
      spec: {
        wrapActions: {
          // A document that differs in its examples only needs no new look at every operation, during which no form
          // could be sent.
          invalidateResolvedSubtreeCache: (original) => (...args) =>
            refreshing ? { type: "nothing" } : original(...args),

          setResponse: (original) => (path, method, response) => {
            const action = original(path, method, response);
            if (response.ok && method !== "get") {
              refresh(path, method).catch(console.error);
            }
            return action;
          },
        },
      },
    },
  };
}

// ---- The filter ----

// opsFilter returns the operations that contain all words of a text in their tag, method, path, name or summary.
function opsFilter(tagged, text) {
  const words = text.toLowerCase().split(/\s+/);
  return tagged
    .map((tag, name) => tag.update("operations", (operations) => operations.filter((o) => {
      const { operationId, summary } = o.get("operation").toObject();
      const all = [name, o.get("method"), o.get("path"), operationId, summary].join(" ").toLowerCase();
      return words.every((word) => all.includes(word));
    })))
    .filter((tag) => tag.get("operations").size > 0);
}

// ---- Files ----

// fileName makes the name of a file of the last parts of a URL's path, such as direct-iad-a-7d41f0c2-loa.pdf.
function fileName(url) {
  const parts = new URL(url, location).pathname.split("/").filter(Boolean).slice(-2);
  return (parts.join("-").replace(/[^A-Za-z0-9._-]+/g, "_").replace(/^\.+/, "") || "document") + ".pdf";
}

const urls = new WeakMap();

// urlOf returns the URL of a blob, the same one each time.
function urlOf(blob) {
  if (!urls.has(blob)) {
    urls.set(blob, URL.createObjectURL(blob));
  }
  return urls.get(blob);
}

// ---- The values of the forms ----

let refreshing = false;
let pending = 0;

// refresh fills in the forms again after a call that may have changed what exists. The page is busy until that is done.
async function refresh(path, method) {
  pending++;
  root.setAttribute("aria-busy", "true");
  try {
    await fillIn(path, method);
  } finally {
    if (--pending === 0) {
      root.removeAttribute("aria-busy");
    }
  }
}

// fillIn fills in the forms. What somebody has typed stays, and so does the form that made the call.
async function fillIn(path, method) {
  const response = await fetch(root.dataset.url);
  if (!response.ok) {
    return;
  }
  const before = fields();
  refreshing = true;
  try {
    ui.specActions.updateJsonSpec(await response.json());
  } finally {
    refreshing = false;
  }
  for (const [p, item] of ui.specSelectors.specJson().get("paths")) {
    for (const [m, operation] of item) {
      refreshExamples(["paths", p, m], operation);
    }
  }
  for (const [key, field] of fields()) {
    const old = before.get(key);
    if (!old || old.value === undefined || (field.path === path && field.method === method)) {
      continue; // not shown yet, so that it will get the new example
    }
    const value = old.value === old.example ? field.example : old.value;
    if (value !== field.value && value !== undefined) {
      field.set(value);
    }
  }
}

// refreshExamples gives an operation that has been shown already the examples of the document.
function refreshExamples(at, operation) {
  let shown = ui.getState().getIn(["spec", "resolvedSubtrees", ...at]);
  if (!shown) {
    return;
  }
  operation.get("parameters")?.forEach((p, i) => {
    for (const member of ["example", "description"]) {
      const place = ["parameters", i, member];
      shown = p.has(member) ? shown.setIn(place, p.get(member)) : shown.deleteIn(place);
    }
  });
  operation.getIn(["requestBody", "content"])?.forEach((content, type) => {
    for (const member of ["example", "examples"]) {
      if (content.has(member)) {
        shown = shown.setIn(["requestBody", "content", type, member], content.get(member));
      }
    }
  });
  ui.specActions.updateResolvedSubtree(at, shown);
}

// fields are the parameters and bodies of all forms, by place: their examples, and the values that they have now.
function fields() {
  const { specSelectors, specActions, oas3Selectors, oas3Actions } = ui;
  const all = new Map();
  for (const [path, item] of specSelectors.specJson().get("paths")) {
    for (const [method, operation] of item) {
      if (!operation.has("operationId")) {
        continue;
      }
      const at = [path, method];
      for (const p of operation.get("parameters")) {
        all.set([...at, p.get("in"), p.get("name")].join(" "), {
          path, method,
          example: p.get("example"),
          value: specSelectors.parameterWithMetaByIdentity(at, p).get("value"),
          set: (value) => specActions.changeParam(at, p.get("name"), p.get("in"), value, false),
        });
      }
      for (const [type, content] of operation.getIn(["requestBody", "content"], [])) {
        const chosen = oas3Selectors.activeExamplesMember(path, method, "requestBody", "requestBody");
        const example = content.getIn(["examples", chosen, "value"]) ?? content.get("example");
        all.set([...at, type].join(" "), {
          path, method,
          example: example && JSON.stringify(example, null, 2),
          value: oas3Selectors.requestBodyValue(path, method),
          set: (value) => oas3Actions.setRequestBodyValue({ value, pathMethod: at }),
        });
      }
    }
  }
  return all;
}

// ---- Names for controls ----

// name gives a control a name for those who do not see where it stands.
function name(control) {
  const parameter = control.closest("tr[data-param-name]")?.dataset.paramName;
  if (control.matches("pre")) {
    control.tabIndex = 0; // it may have to be scrolled
  } else if (control.matches(".copy-to-clipboard *")) {
    label(control, "Copy");
  } else if (control.matches(".body-param__text")) {
    label(control, "Request body");
  } else if (control.matches(".examples-select-element")) {
    const status = control.closest("tr[data-code]")?.dataset.code;
    label(control, status ? `Example of the response ${status}` : "Example of the request body");
  } else if (parameter) {
    label(control, parameter);
  } else if (control.matches(".content-type")) {
    label(control, "Media type");
  } else if (control.matches(".responses-table")) {
    const operation = control.closest(".opblock").id.split("-").pop();
    label(control, `Responses of ${operation}`);
  } else if (control.matches(".close-modal")) {
    label(control, "Close");
  } else if (control.matches(".auth.button")) {
    control.removeAttribute("aria-label"); // it has a text, which the label should contain
  }
}

function label(control, text) {
  if (!control.hasAttribute("aria-label")) {
    control.setAttribute("aria-label", text);
  }
}

const controls = "select, textarea, input, .copy-to-clipboard button, pre.microlight, .microlight pre, " +
  ".responses-table[role=region], .close-modal, .auth.button";
new MutationObserver((changes) => {
  for (const { addedNodes } of changes) {
    for (const node of addedNodes) {
      if (node instanceof Element) {
        [node, ...node.querySelectorAll(controls)].filter((e) => e.matches(controls)).forEach(name);
      }
    }
  }
}).observe(root, { childList: true, subtree: true });
