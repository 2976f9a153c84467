// Renders /openapi.json for people. Everything is built as text nodes: nothing from the document becomes markup.

const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

// The few signs of Markdown that descriptions use: what stands between backticks is code.
const prose = (text) =>
  (text ?? "").split(/`([^`]+)`/).map((part, place) => (place % 2 ? make("code", {}, part) : part));

const nameOfReference = (reference) => reference.split("/").pop();
const slugOf = (path) => path.replace(/[^a-z0-9]+/gi, "-").replace(/^-|-$/g, "");
const BODY = " body";
let schemas = {};
const idOf = (method, path) => `at-${method === "get" ? "" : `${method}-`}${slugOf(path)}`;

function typeOf(schema) {
  if (schema.$ref) return make("a", { href: `#schema-${nameOfReference(schema.$ref)}` }, nameOfReference(schema.$ref));
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return join(choices.map(typeOf), " or ");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(", ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.type === "array") return join(["list of ", typeOf(schema.items ?? {})], "");
  return [schema.type ?? "any", schema.format && `(${schema.format})`].filter(Boolean).join(" ");
}

function join(parts, between) {
  const span = make("span");
  parts.forEach((part, place) => span.append(place ? between : "", part));
  return span;
}

function limitsOf(schema) {
  return [
    schema.minimum !== undefined && `at least ${schema.minimum}`,
    schema.maximum !== undefined && `at most ${schema.maximum}`,
    schema.maxLength !== undefined && `up to ${schema.maxLength} characters`,
    schema.default !== undefined && !Array.isArray(schema.default) && `default ${schema.default}`,
  ].filter(Boolean).join(", ");
}

function fieldList(fields) {
  const list = make("dl");
  for (const { name, schema, description, required } of fields) {
    const limits = limitsOf(schema);
    list.append(make("dt", {}, make("code", {}, name), " · ", typeOf(schema), required ? " · required" : ""));
    list.append(make("dd", {}, ...prose(description), description && limits ? " " : "", limits && `(${limits})`));
  }
  return list;
}

function addressSection(method, path, operation) {
  const section = make("section", { id: idOf(method, path) });
  const title = `${method.toUpperCase()} ${path}`;
  section.append(make("h2", {}, make("span", { className: "path" }, title)), make("p", {}, ...prose(operation.summary)));
  if (operation.description) section.append(make("p", {}, ...prose(operation.description)));
  const parameters = operation.parameters ?? [];
  if (parameters.length) section.append(make("h3", {}, "Parameters"), fieldList(parameters));
  if (needsKey(operation)) section.append(make("p", {}, "Needs a key: ", make("code", {}, "Authorization: Bearer KEY"), "."));
  for (const { schema } of Object.values(operation.requestBody?.content ?? {})) {
    section.append(make("h3", {}, "Body"), make("p", {}, typeOf(schema)));
  }
  section.append(make("h3", {}, "Answers"), answerList(operation.responses));
  if (!isEndless(operation)) section.append(trial(method, path, parameters, operation.requestBody));
  return section;
}

const needsKey = ({ security }) => Boolean(security?.length) && security.every((way) => Object.keys(way).length > 0);
const isEndless = ({ responses }) => Object.values(responses).some(({ content }) => content && "text/event-stream" in content);

function answerList(responses) {
  const list = make("dl");
  for (const [status, response] of Object.entries(responses)) {
    const term = make("dt", {}, make("code", {}, status));
    for (const [media, { schema }] of Object.entries(response.content ?? {})) term.append(` · ${media} · `, typeOf(schema));
    list.append(term, make("dd", {}, ...prose(response.description)));
  }
  return list;
}

function trial(method, path, parameters, body) {
  const form = make("form");
  for (const parameter of parameters) {
    const example = Object.values(parameter.examples ?? {})[0]?.value;
    const input = make("input", { name: parameter.name, required: parameter.required, autocomplete: "off" });
    if (parameter.required && example !== undefined) input.value = String(example);
    else if (example !== undefined) input.placeholder = String(example);
    form.append(make("label", {}, parameter.name, input));
  }
  if (body) {
    const text = make("textarea", { name: BODY, rows: 8, spellcheck: false });
    text.value = JSON.stringify(exampleOf(Object.values(body.content)[0].schema), null, 2);
    form.append(make("label", {}, "Body", text));
  }
  const output = make("pre", { tabIndex: 0, hidden: true });
  output.setAttribute("role", "region");
  output.setAttribute("aria-label", `Answer of ${method === "get" ? "" : `${method.toUpperCase()} `}${path}`);
  const state = make("p", { role: "status" });
  form.append(make("button", {}, method === "get" ? "Ask" : "Send"), state, output);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const values = new FormData(form);
    ask(addressOf(path, parameters, values), requestOf(method, parameters, values), state, output);
  });
  return make("details", {}, make("summary", {}, `Try ${method.toUpperCase()} ${path}`), form);
}

// A body to begin with: what is required, and one of what has an example.
function exampleOf(schema) {
  const found = schema.$ref ? schemas[nameOfReference(schema.$ref)] : schema;
  if (found.examples?.length) return found.examples[0];
  const choice = (found.anyOf ?? found.oneOf)?.find((one) => one.type !== "null");
  if (choice) return exampleOf(choice);
  if (found.enum) return found.enum[0];
  if (found.type === "array") return [exampleOf(found.items ?? {})];
  if (found.type === "object") {
    const wanted = Object.entries(found.properties ?? {}).filter(
      ([name, of]) => found.required?.includes(name) || of.examples?.length,
    );
    return Object.fromEntries(wanted.map(([name, of]) => [name, exampleOf(of)]));
  }
  return { boolean: true, integer: found.minimum ?? 1, number: found.minimum ?? 1 }[found.type] ?? "";
}

function addressOf(path, parameters, values) {
  const query = new URLSearchParams();
  let address = path;
  for (const { name, in: where, schema } of parameters) {
    const text = String(values.get(name)).trim();
    if (where === "path") address = address.replace(`{${name}}`, encodeURIComponent(text));
    else if (where !== "query" || !text) continue;
    else if (schema.type === "array") text.split(",").forEach((one) => query.append(name, one.trim()));
    else query.set(name, text);
  }
  return query.size ? `${address}?${query}` : address;
}

function requestOf(method, parameters, values) {
  const key = document.getElementById("key").value.trim();
  const headers = key ? { Authorization: `Bearer ${key}` } : {};
  for (const { name, in: where } of parameters) {
    const text = String(values.get(name)).trim();
    if (where === "header" && text) headers[name] = text;
  }
  if (values.has(BODY)) headers["Content-Type"] = "application/json";
  return { method: method.toUpperCase(), headers, body: values.get(BODY) ?? undefined, cache: "no-store" };
}

async function ask(address, request, state, output) {
  state.textContent = "Asking …";
  try {
    const response = await fetch(address, request);
    const text = await response.text();
    state.textContent = `${response.status} ${response.statusText} from ${address}`;
    output.textContent = readable(text);
    output.hidden = false;
  } catch {
    state.textContent = "No answer: is the service running?";
  }
}

function readable(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function schemaSection(name, schema) {
  const fields = Object.entries(schema.properties ?? {}).map(([field, of]) => ({
    name: field, schema: of, description: of.description, required: schema.required?.includes(field),
  }));
  const summary = make("summary", {}, make("code", {}, name), ...(schema.description ? [" · ", ...prose(schema.description)] : []));
  const words = schema.enum ? make("p", {}, typeOf(schema)) : fieldList(fields);
  return make("details", { id: `schema-${name}` }, summary, words);
}

function problemSection(problems) {
  const section = make("section", { id: "problems" }, make("h2", {}, "Problems"));
  const list = make("dl");
  for (const { type, title, status, advice } of problems) {
    const term = make("dt", { id: `problem-${nameOfReference(type)}`, tabIndex: -1 }, make("code", {}, type));
    list.append(term, make("dd", {}, make("strong", {}, `${status}: ${title}.`), " ", ...prose(advice)));
  }
  section.append(list);
  return section;
}

function render(spec) {
  const main = document.getElementById("main");
  const contents = document.getElementById("contents");
  document.getElementById("about").append(...spec.info.description.split("\n\n").map((text) => make("p", {}, ...prose(text))));
  schemas = spec.components.schemas;
  const entry = (href, text) => contents.append(make("li", {}, make("a", { href }, text)));
  for (const [path, operations] of Object.entries(spec.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      main.append(addressSection(method, path, operation));
      entry(`#${idOf(method, path)}`, method === "get" ? path : `${method.toUpperCase()} ${path}`);
    }
  }
  main.append(problemSection(spec["x-problems"]));
  const bodies = make("section", { id: "schemas" }, make("h2", {}, "Bodies"));
  for (const [name, schema] of Object.entries(schemas)) bodies.append(schemaSection(name, schema));
  main.append(bodies);
  entry("#problems", "Problems");
  entry("#schemas", "Bodies");
}

function openTarget() {
  const target = document.getElementById(location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) target.open = true;
  target?.scrollIntoView();
  if (target?.tabIndex === -1) target.focus({ preventScroll: true });
}

const state = document.getElementById("state");
try {
  render(await (await fetch("/openapi.json")).json());
  state.remove();
  openTarget();
  addEventListener("hashchange", openTarget);
} catch {
  state.textContent = "openapi.json could not be read.";
}
