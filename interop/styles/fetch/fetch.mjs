// Sends each exchange that comes on standard input to a server by openapi-fetch, and prints what it has read of the response.
import createClient from "openapi-fetch";

let text = "";
for await (const chunk of process.stdin) text += chunk;
const { url, exchanges } = JSON.parse(text);
const client = createClient({ baseUrl: url });

// form is a form as openapi-fetch takes one: it writes nothing but texts, so the rest is up to its caller.
function form(name, value) {
  const form = new FormData();
  for (const item of Array.isArray(value) ? value : [value]) {
    form.append(name, typeof item === "object" ? JSON.stringify(item) : item);
  }
  return form;
}

const outcomes = [];
for (const { path, in: place, name, style, explode, value, values } of exchanges) {
  const options = { headers: { "X-Case": String(outcomes.length) }, params: {}, parseAs: "text" };
  switch (place) {
    case "path":
      options.params.path = values;
      break;
    case "query":
      options.params.query = { [name]: value };
      options.querySerializer = { array: { style, explode }, object: { style, explode } };
      break;
    case "header":
      options.params.header = { [name]: value };
      break;
    case "json":
      options.body = { [name]: value };
      options.parseAs = "json";
      break;
    case "form":
      options.body = { [name]: value };
      options.headers["Content-Type"] = "application/x-www-form-urlencoded";
      break;
    case "multipart":
      options.body = form(name, value);
      break;
    default:
      options.body = value;
      options.bodySerializer = (body) => (typeof body === "string" ? body : String(body));
      options.headers["Content-Type"] = place === "text" ? "text/plain" : "application/octet-stream";
  }
  try {
    const { data, error } = await client.POST(path, options);
    outcomes.push(error === undefined ? { data: place === "json" ? data?.[name] : data } : { error: String(error) });
  } catch (e) {
    outcomes.push({ error: String(e), unsent: true });
  }
}
console.log(JSON.stringify(outcomes));
