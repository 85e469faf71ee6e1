/** What happens, in the order in which it is offered. */
import type { IncidentKind } from '$shared/api/records';

export const KINDS: readonly IncidentKind[] = ['fire', 'missing_people', 'accident', 'flood', 'geological', 'earthquake', 'other'];
