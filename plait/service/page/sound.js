// Sounds: one plays at a time; what is recorded becomes a WAV, which the service reads whatever the browser records.
import { el } from "./dom.js";
import { mediaAddress } from "./media.js";

const player = new Audio();
let pressed = null;

player.addEventListener("ended", silence);

export function silence() {
  player.pause();
  if (pressed) {
    pressed.setAttribute("aria-pressed", "false");
    pressed.dataset.playing = "";
  }
  pressed = null;
}

export function playButton(address, title) {
  const button = el("button", { class: "play", type: "button", "aria-pressed": "false", "aria-label": `Play the sound of ${title}` });
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    const stops = pressed === button;
    silence();
    if (stops) return;
    pressed = button;
    button.setAttribute("aria-pressed", "true");
    button.dataset.playing = "yes";
    try {
      const source = await mediaAddress(address);
      if (pressed !== button) return;
      player.src = source;
      await player.play();
    } catch {
      if (pressed === button) silence();
    }
  });
  return button;
}

const RATE = 22050;
const LONGEST = 15000;

// Records until `stop` is called, at most 15 seconds; `done` is given a WAV file.
export async function startRecording(done) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const recorder = new MediaRecorder(stream);
  const pieces = [];
  recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
  recorder.addEventListener("stop", async () => {
    stream.getTracks().forEach((track) => track.stop());
    done(await asWav(new Blob(pieces, { type: recorder.mimeType })));
  });
  recorder.start();
  const timer = setTimeout(() => recorder.state === "recording" && recorder.stop(), LONGEST);
  return { stop: () => (clearTimeout(timer), recorder.state === "recording" && recorder.stop()) };
}

async function asWav(blob) {
  const context = new AudioContext();
  const heard = await context.decodeAudioData(await blob.arrayBuffer());
  await context.close();
  const offline = new OfflineAudioContext(1, Math.max(1, Math.ceil(heard.duration * RATE)), RATE);
  const source = new AudioBufferSourceNode(offline, { buffer: heard });
  source.connect(offline.destination);
  source.start();
  const samples = (await offline.startRendering()).getChannelData(0);
  return new File([wavOf(samples)], "recorded.wav", { type: "audio/wav" });
}

// RIFF, 16 bit, one channel.
export function wavOf(samples) {
  const bytes = new DataView(new ArrayBuffer(44 + 2 * samples.length));
  const text = (at, letters) => [...letters].forEach((letter, i) => bytes.setUint8(at + i, letter.charCodeAt(0)));
  text(0, "RIFF"); bytes.setUint32(4, 36 + 2 * samples.length, true); text(8, "WAVEfmt ");
  bytes.setUint32(16, 16, true); bytes.setUint16(20, 1, true); bytes.setUint16(22, 1, true);
  bytes.setUint32(24, RATE, true); bytes.setUint32(28, 2 * RATE, true); bytes.setUint16(32, 2, true); bytes.setUint16(34, 16, true);
  text(36, "data"); bytes.setUint32(40, 2 * samples.length, true);
  samples.forEach((sample, i) => bytes.setInt16(44 + 2 * i, Math.max(-1, Math.min(1, sample)) * 32767, true));
  return bytes.buffer;
}
