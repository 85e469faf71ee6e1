/** The fleet and vision nodes that are signed in. */
import { SvelteMap } from 'svelte/reactivity';
import type { Node } from '$shared/api/records';
import { feed } from '$shared/live/feed';
import './texts';

export const nodes = new SvelteMap<string, Node>();

/** Whether somebody should look at what a node hears: a link is down, or a stranger is heard. */
export function troubled(node: Node): boolean {
  return node.connected && (node.strangers.length > 0 || node.links.some((link) => !link.up));
}

feed.value('node', (node) => nodes.set(node.node_id, node));
feed.onReset(() => nodes.clear());
