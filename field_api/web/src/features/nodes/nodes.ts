/** The fleet and vision nodes that are signed in. */
import { SvelteMap } from 'svelte/reactivity';
import type { Node } from '$shared/api/records';
import { feed } from '$shared/live/feed';
import './texts';

export const nodes = new SvelteMap<string, Node>();

feed.value('node', (node) => nodes.set(node.node_id, node));
feed.onReset(() => nodes.clear());
