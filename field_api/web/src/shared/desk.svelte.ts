/** What of the desk is open: the incident, the tab, the alert; kept in the address. */
import type { LatLon } from './geodesy';
import { router } from './router/console';

export type RightTab = 'flight' | 'search' | 'plot' | 'tasks' | 'messages' | 'reports' | 'views' | 'duties';
export const RIGHT_TABS: readonly RightTab[] = ['flight', 'search', 'plot', 'tasks', 'messages', 'reports', 'views', 'duties'];

/** Where an aircraft is to be sent. */
export interface Guide extends LatLon {
  /** The alert that it is about. */
  detectionId?: string;
}

class DeskState {
  /** Dialogs that are of the moment: not in the address. */
  incidentDialog = $state(false);
  keys = $state(false);
  /** The detection that somebody is to be sent to. */
  taskForId = $state<string | null>(null);
  /** A task that is about no alert: to a place, or with words only. */
  newTask = $state.raw<{ place: LatLon | null } | null>(null);

  /** Tasks of the incident by their state. */
  board = $state(false);
  /** Somebody wants to call the roll: its button takes the focus. */
  rollAsked = $state(false);
  /** The log of rejected alerts. */
  falseAlarms = $state(false);

  /** Files that somebody brought, the first one open. */
  imports = $state.raw<File[]>([]);
  /** What there is may be saved as files. */
  exporting = $state(false);

  guide = $state.raw<Guide | null>(null);

  get incidentId(): string | null {
    return router.page === 'incident' ? (router.params.id ?? null) : null;
  }

  get tab(): RightTab {
    const asked = router.query.get('tab') as RightTab | null;
    return asked && RIGHT_TABS.includes(asked) ? asked : 'flight';
  }

  set tab(tab: RightTab) {
    router.ask({ tab: tab === 'flight' ? null : tab });
  }

  /** The alert under review. */
  get reviewId(): string | null {
    return router.query.get('alert');
  }

  set reviewId(id: string | null) {
    // The next alert after a judged one replaces it: Back leads out of the review, not through it.
    router.ask({ alert: id }, { replace: this.reviewId !== null });
  }

  get wall(): boolean {
    return router.query.has('wall');
  }

  set wall(open: boolean) {
    router.ask({ wall: open ? '1' : null }, { replace: !open });
  }

  showIncident(id: string, options: { replace?: boolean } = {}): void {
    const { tab, wall } = this;
    router.go(router.href('incident', { id }, { tab: tab === 'flight' ? null : tab, wall: wall ? '1' : null }), options);
  }
}

export const desk = new DeskState();
