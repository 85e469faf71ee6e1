/** How vision nodes are to look, and whether they do. */
import { ask, http } from '$shared/api/client';
import type { DetectorSetting, Node, TuneDetector } from '$shared/api/records';
import { feed } from '$shared/live/feed';
import { Collection } from '$shared/records/collection';
import './texts';

class Detectors {
  readonly records = feed.records('detector', new Collection<DetectorSetting>());

  /** Whether a node looks as it is to; one of which nothing is wanted does. */
  follows(node: Node): boolean {
    const wanted = this.records.get(node.node_id);
    return !wanted || (node.connected && node.detector?.rules_version === wanted.version);
  }

  async tune(node_id: string, body: TuneDetector): Promise<DetectorSetting> {
    const params = { path: { node_id } };
    return this.records.put(await ask(http.POST('/api/v1/detectors/{node_id}', { params, body })));
  }
}

export const detectors = new Detectors();
