/** The boxes of recorded pictures, by file: fetched once, drawn on the pictures they belong to. */
import { ask, http } from '$shared/api/client';
import type { FootageFile } from '$shared/api/records';
import { BoxTrack, type DrawnBox } from '$shared/video/boxTrack';

const MOST_FILES = 20;
/** Of a file of five minutes at 25 pictures a second, more than all. */
const MOST_LOOKS = 10_000;

export class RecordedBoxes {
  #tracks = new Map<string, BoxTrack>();
  #asked = new Set<string>();

  /** `oncome` is told when boxes have come: a picture that stands still is drawn again with them. */
  constructor(private readonly oncome: () => void) {}

  /** The boxes of a picture; none while they are being fetched. */
  at(file: FootageFile, next: FootageFile | null, pts_90k: number): DrawnBox[] {
    this.#fetch(file, file);
    // The detector is late: what it saw in the last pictures of a file lies beside the next one.
    if (next) this.#fetch(next, file);
    return this.#tracks.get(file.id)?.at(pts_90k) ?? [];
  }

  #fetch(beside: FootageFile, of: FootageFile): void {
    const key = `${beside.id} ${of.id} ${beside.ended_ms}`;
    if (this.#asked.has(key)) return;
    this.#asked.add(key);
    void ask(
      http.GET('/api/v1/footage/files/{file_id}/beside', { params: { path: { file_id: beside.id } } }),
    ).then(
      ({ boxes }) => {
        const track = this.#tracks.get(of.id) ?? new BoxTrack(MOST_LOOKS);
        const last = of.first_pts_90k + (of.ended_ms - of.began_ms) * 90;
        for (const look of boxes) {
          const inside = look.pts_90k >= of.first_pts_90k && look.pts_90k <= last;
          if (inside) track.add(look);
        }
        this.#tracks.delete(of.id);
        this.#tracks.set(of.id, track);
        this.oncome();
        while (this.#tracks.size > MOST_FILES) {
          const oldest = this.#tracks.keys().next().value!;
          this.#tracks.delete(oldest);
          for (const known of this.#asked) if (known.includes(` ${oldest} `)) this.#asked.delete(known);
        }
      },
      () => this.#asked.delete(key),
    );
  }
}
