/** The cameras: which streams are up, and what the detector saw on them. */
import { SvelteMap } from 'svelte/reactivity';
import type { StreamState } from '$shared/api/live';
import { feed } from '$shared/live/feed';
import { BoxTrack } from '$shared/video/boxTrack';
import './texts';

export const streams = new SvelteMap<string, StreamState>();
/** Not reactive: read by the players frame by frame. */
const boxes = new Map<string, BoxTrack>();

export function boxesOf(streamId: string): BoxTrack {
  let track = boxes.get(streamId);
  if (!track) boxes.set(streamId, (track = new BoxTrack()));
  return track;
}

feed.value('stream_state', (state) => streams.set(state.stream_id, state));
feed.value('frame_boxes', (frame) => boxesOf(frame.stream_id).add(frame));
feed.onReset(() => {
  streams.clear();
  boxes.clear();
});
