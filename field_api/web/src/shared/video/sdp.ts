/** WebRTC with the post, who watches and who sends alike: an offer there, an answer back. */
import { API, authorisation } from '../api/client';

export interface Answered {
  sdp: string;
  /** The connection's own address; null where the post says none. */
  where: string | null;
}

/** Send a peer's offer, begun by this; null where the post refuses it. Throws without a network. */
export async function offerTo(path: string, peer: RTCPeerConnection): Promise<Answered | null> {
  await peer.setLocalDescription(await peer.createOffer());
  const answer = await fetch(`${API}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/sdp', ...authorisation() },
    body: peer.localDescription!.sdp,
  });
  return answer.ok ? { sdp: await answer.text(), where: answer.headers.get('Location') } : null;
}

/** Tell the post that a connection is over; it notices by itself where it can't be told. */
export function hangUp(where: string): void {
  void fetch(where, { method: 'DELETE', headers: authorisation(), keepalive: true }).catch(() => undefined);
}
