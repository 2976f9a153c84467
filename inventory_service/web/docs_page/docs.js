// Renders /openapi.json for people. Everything is built as text nodes: nothing from the document becomes markup.

const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

const nameOfReference = (reference) => reference.split("/").pop();
const slugOf = (path) => path.replace(/[^a-z0-9]+/gi, "-").replace(/^-|-$/g, "");
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
    list.append(make("dd", {}, [description ?? "", limits && `(${limits})`].filter(Boolean).join(" ")));
  }
  return list;
}

function addressSection(method, path, operation) {
  const section = make("section", { id: idOf(method, path) });
  const title = `${method.toUpperCase()} ${path}`;
  section.append(make("h2", {}, make("span", { className: "path" }, title)), make("p", {}, operation.summary));
  if (operation.description) section.append(make("p", {}, operation.description));
  const parameters = operation.parameters ?? [];
  if (parameters.length) section.append(make("h3", {}, "Parameters"), fieldList(parameters));
  for (const { schema } of Object.values(operation.requestBody?.content ?? {})) {
    section.append(make("h3", {}, "Body"), make("p", {}, typeOf(schema)));
  }
  section.append(make("h3", {}, "Answers"), answerList(operation.responses));
  if (method === "get" && !operation.security) section.append(trial(path, parameters));
  return section;
}

const bodyOf = (operation) => operation.requestBody.content["application/json"].schema;

function answerList(responses) {
  const list = make("dl");
  for (const [status, response] of Object.entries(responses)) {
    const term = make("dt", {}, make("code", {}, status));
    for (const [media, { schema }] of Object.entries(response.content ?? {})) term.append(` · ${media} · `, typeOf(schema));
    list.append(term, make("dd", {}, response.description));
  }
  return list;
}

function trial(path, parameters) {
  const form = make("form");
  for (const parameter of parameters) {
    const example = Object.values(parameter.examples ?? {})[0]?.value;
    const input = make("input", { name: parameter.name, required: parameter.required, autocomplete: "off" });
    if (parameter.required && example !== undefined) input.value = String(example);
    else if (example !== undefined) input.placeholder = String(example);
    form.append(make("label", {}, parameter.name, input));
  }
  const output = make("pre", { tabIndex: 0, hidden: true });
  output.setAttribute("role", "region");
  output.setAttribute("aria-label", `Answer of ${path}`);
  const state = make("p", { role: "status" });
  form.append(make("button", {}, "Ask"), state, output);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(addressOf(path, parameters, new FormData(form)), state, output);
  });
  return make("details", {}, make("summary", {}, `Try GET ${path}`), form);
}

function addressOf(path, parameters, values) {
  const query = new URLSearchParams();
  let address = path;
  for (const { name, in: where, schema } of parameters) {
    const text = String(values.get(name)).trim();
    if (where === "path") address = address.replace(`{${name}}`, encodeURIComponent(text));
    else if (text && schema.type === "array") text.split(",").forEach((one) => query.append(name, one.trim()));
    else if (text) query.set(name, text);
  }
  return query.size ? `${address}?${query}` : address;
}

async function ask(address, state, output) {
  state.textContent = "Asking …";
  try {
    const response = await fetch(address, { cache: "no-store" });
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
  const summary = make("summary", {}, make("code", {}, name), schema.description ? ` · ${schema.description}` : "");
  return make("details", { id: `schema-${name}` }, summary, fieldList(fields));
}

function problemSection(problems) {
  const section = make("section", { id: "problems" }, make("h2", {}, "Problems"));
  const list = make("dl");
  for (const { type, title, status } of problems) {
    list.append(make("dt", { id: `problem-${nameOfReference(type)}` }, make("code", {}, type)), make("dd", {}, `${status}: ${title}.`));
  }
  section.append(list);
  return section;
}

function render(spec) {
  const main = document.getElementById("main");
  const contents = document.getElementById("contents");
  document.getElementById("about").textContent = spec.info.description;
  const entry = (href, text) => contents.append(make("li", {}, make("a", { href }, text)));
  for (const [path, operations] of Object.entries(spec.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      main.append(addressSection(method, path, operation));
      entry(`#${idOf(method, path)}`, method === "get" ? path : `${method.toUpperCase()} ${path}`);
    }
  }
  main.append(problemSection(spec["x-problems"]));
  const schemas = make("section", { id: "schemas" }, make("h2", {}, "Bodies"));
  for (const [name, schema] of Object.entries(spec.components.schemas)) schemas.append(schemaSection(name, schema));
  main.append(schemas);
  entry("#problems", "Problems");
  entry("#schemas", "Bodies");
}

function openTarget() {
  const target = document.getElementById(location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) target.open = true;
  target?.scrollIntoView();
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
