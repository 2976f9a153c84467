/** What the host page's developer reads in the console when a widget cannot work. */

export function advise({ status, detail, errors }, origin) {
  const faults = errors?.map((fault) => `${fault.pointer}: ${fault.detail}`).join("; ");
  const advice = {
    401: "Its key must be a publishable one (pk_) in force.",
    403: `The key has to name exactly this origin: ${origin}`,
  };
  return `nearshelf-availability: ${faults || detail} ${advice[status] ?? ""}`;
}
