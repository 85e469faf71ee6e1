/** The call being written down; kept while its place is picked on the map. */
import type { IncidentKind } from '$shared/api/records';

class IncidentDraft {
  kind = $state<IncidentKind>('fire');
  title = $state('');
  text = $state('');
  people = $state<number | ''>('');
  drill = $state(true);

  clear(): void {
    this.kind = 'fire';
    this.title = '';
    this.text = '';
    this.people = '';
    this.drill = true;
  }
}

export const incidentDraft = new IncidentDraft();
