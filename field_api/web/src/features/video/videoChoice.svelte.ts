/** What a person chose for all pictures of this browser: boxes or none, and the way for testers. */
import { WAY_NAMES, type WayName } from '$shared/video/ways';

const STORED = 'xunshan.video.boxes';

class VideoChoice {
  boxes = $state(typeof localStorage === 'undefined' || localStorage.getItem(STORED) !== 'off');

  toggleBoxes(): void {
    this.boxes = !this.boxes;
    localStorage.setItem(STORED, this.boxes ? 'on' : 'off');
  }

  /** `?video=whep` in the address: only this way, to find out which one works in a place. */
  get way(): WayName | undefined {
    const asked = new URLSearchParams(location.search).get('video');
    return WAY_NAMES.find((name) => name === asked);
  }
}

export const videoChoice = new VideoChoice();
