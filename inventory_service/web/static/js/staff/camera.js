/** The camera as a barcode reader, where the browser brings one along. */

const FORMATS = ["ean_13", "ean_8", "upc_a", "upc_e", "itf", "code_128", "data_matrix", "qr_code"];
const LOOK_EVERY_MS = 120;
const REFUSED = {
  NotAllowedError: "The browser may not use the camera. You can allow it in the site settings, or type the number.",
  NotFoundError: "This device has no camera. Type the number under the bars.",
};

/** The formats that this browser can read; none where it cannot read any, or the page came without https. */
export async function readable() {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices?.getUserMedia) return [];
  const known = await BarcodeDetector.getSupportedFormats().catch(() => []);
  return FORMATS.filter((format) => known.includes(format));
}

/** `onRead(text, format)` at each sight of a code; whether it will do is the caller's to say, by `stop()`. */
export function createCamera(video, { onRead, onEnd }) {
  let stream = null;
  let timer = 0;

  /** Throws an Error for the person. */
  async function start(formats) {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch (error) {
      throw new Error(REFUSED[error.name] ?? "The camera does not start. Type the number under the bars.");
    }
    video.srcObject = stream;
    await video.play().catch(() => {});
    look(new BarcodeDetector({ formats }));
  }

  async function look(detector) {
    const codes = await detector.detect(video).catch(() => []);
    if (!stream) return;
    for (const { rawValue, format } of codes) onRead(rawValue, format);
    timer = setTimeout(look, LOOK_EVERY_MS, detector);
  }

  function stop() {
    clearTimeout(timer);
    if (!stream) return;
    stream.getTracks().forEach((track) => track.stop());
    stream = null;
    video.srcObject = null;
    onEnd();
  }

  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && stop());
  return { start, stop };
}
