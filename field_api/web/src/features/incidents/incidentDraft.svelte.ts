/** The call being written down; kept while its place is picked on the map. */
import type { IncidentKind } from '$shared/api/records';

class IncidentDraft {
  kind = $state<IncidentKind>('fire');
  title = $state('');
  text = $state('');
  people = $state<number | ''>('');
  /** Nobody has said yet whether it is a drill. */
  drill = $state<'' | 'real' | 'drill'>('');

  clear(): void {
    this.kind = 'fire';
    this.title = '';
    this.text = '';
    this.people = '';
    this.drill = '';
  }
}

export const incidentDraft = new IncidentDraft();
