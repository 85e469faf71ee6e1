/** What was asked last of the command post while drawing, wherever it was asked from. */
import { Attempt } from '$shared/ui/attempt.svelte';

export const attempt = new Attempt();
