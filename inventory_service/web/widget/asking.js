/** The service: one question in; `{answer}`, or `{problem}` as it was told (RFC 9457), out. */

const DEADLINE_MS = 12_000;
const LONGEST_WAIT_S = 30;

/** Asks, and quietly once more where the service is busy and says when to come back soon. */
export async function ask(url, signal) {
  const heard = await askOnce(url, signal);
  const wait_s = heard.problem?.retry_after_s ?? Infinity;
  if (wait_s > LONGEST_WAIT_S) return heard;
  await new Promise((done) => setTimeout(done, wait_s * 1000));
  return signal.aborted ? heard : askOnce(url, signal);
}

/** A request without any header of its own needs no preflight; `no-store` leaves nothing on the device. */
async function askOnce(url, signal) {
  const cut = new AbortController();
  const late = setTimeout(() => cut.abort(), DEADLINE_MS);
  signal.addEventListener("abort", () => cut.abort());
  try {
    const response = await fetch(url, { signal: cut.signal, cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" });
    const body = await response.json();
    return response.ok ? { answer: body } : { problem: { ...body, status: response.status, retry_after_s: waitOf(response) } };
  } catch (error) {
    return { problem: { status: 0, detail: String(error) } };
  } finally {
    clearTimeout(late);
  }
}

/** Seconds; undefined where coming back is of no use. */
function waitOf(response) {
  return [429, 503].includes(response.status) ? Number(response.headers.get("Retry-After") ?? 2) : undefined;
}
