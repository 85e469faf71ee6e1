/** What must not be missed is felt and heard: vibration where there is a motor, three tones. */
export function alarm(): void {
  navigator.vibrate?.([300, 120, 300, 120, 600]);
  if (typeof AudioContext === 'undefined') return;
  const audio = new AudioContext();
  for (const [index, hertz] of [880, 660, 880].entries()) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = hertz;
    volume.gain.value = 0.25;
    tone.connect(volume).connect(audio.destination);
    tone.start(audio.currentTime + index * 0.22);
    tone.stop(audio.currentTime + index * 0.22 + 0.16);
  }
  setTimeout(() => void audio.close(), 1500);
}

/** Whether the browser keeps this page silent: it does until somebody has clicked on it. */
export async function soundBlocked(): Promise<boolean> {
  if (typeof AudioContext === 'undefined') return true;
  const audio = new AudioContext();
  const blocked = audio.state === 'suspended';
  await audio.close();
  return blocked;
}
