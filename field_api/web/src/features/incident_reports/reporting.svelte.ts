/** Duties to report and their clocks, reports of incidents, and what was said to be sent. */
import { API, ask, http } from '$shared/api/client';
import type {
  DraftReport,
  EditReport,
  FigureChange,
  IncidentReport,
  ReportCase,
  ReportClock,
  ReportSending,
  SayFacts,
  SayLevel,
  SaySent,
} from '$shared/api/records';
import { desk } from '$shared/desk.svelte';
import { feed } from '$shared/live/feed';
import { now } from '$shared/now.svelte';
import { Collection } from '$shared/records/collection';
import { forIncident } from '../incidents/loads';
import { byUrgency } from './remaining';
import './texts';

const ofIncident = (incident_id: string) => ({ params: { path: { incident_id } } });
const ofReport = (report_id: string) => ({ params: { path: { report_id } } });
const part = { whole: false } as const;

class Reporting {
  readonly clocks = feed.records('report_clock', new Collection<ReportClock>());
  readonly reports = feed.records('incident_report', new Collection<IncidentReport>(), part);
  readonly cases = feed.records('report_case', new Collection<ReportCase>(), part);
  readonly sendings = feed.records('report_sending', new Collection<ReportSending>(), part);
  /** Which report is to be made now, and what changed since the last one; of which incident. */
  proposal = $state.raw<{ of: string; stage: 'first' | 'follow_up' | null; changes: FigureChange[] } | null>(null);
  /** The report that is open. */
  openId = $state<string | null>(null);

  running = $derived(this.clocks.all.filter(({ state }) => state === 'running'));
  /** Those of all incidents, the most urgent first. */
  urgent = $derived([...this.running].sort(byUrgency(now.ms)));
  asked = $derived(this.reports.all.filter(({ state }) => state === 'asked'));

  clocksHere = $derived(
    this.clocks.all.filter((each) => each.incident_id === desk.incidentId).sort(byUrgency(now.ms)),
  );
  reportsHere = $derived(
    this.reports.all
      .filter((each) => each.incident_id === desk.incidentId && each.state !== 'dropped')
      .sort((a, b) => b.drafted_ms - a.drafted_ms),
  );
  sendingsHere = $derived(
    this.sendings.all.filter((each) => each.incident_id === desk.incidentId).sort((a, b) => b.sent_ms - a.sent_ms),
  );
  caseHere = $derived(desk.incidentId ? this.cases.get(desk.incidentId) : undefined);
  open = $derived(this.openId ? this.reports.get(this.openId) : undefined);

  constructor() {
    forIncident((id) => this.load(id), 'incident_report.view');
  }

  async load(id: string): Promise<void> {
    const found = await ask(http.GET('/api/v1/incidents/{incident_id}/reporting', ofIncident(id)));
    if (found.case) this.cases.put(found.case);
    this.clocks.putAll(found.clocks);
    this.reports.putAll(found.reports);
    this.sendings.putAll(found.sendings);
    this.proposal = { of: id, stage: found.proposed, changes: found.changes };
  }

  pdf = (id: string): string => `${API}/incident-reports/${id}/report.pdf`;

  async draft(id: string, body: DraftReport): Promise<IncidentReport> {
    return this.reports.put(await ask(http.POST('/api/v1/incidents/{incident_id}/reports', { ...ofIncident(id), body })));
  }

  async facts(id: string, body: SayFacts): Promise<void> {
    this.cases.put(await ask(http.POST('/api/v1/incidents/{incident_id}/report-facts', { ...ofIncident(id), body })));
  }

  async level(id: string, body: SayLevel): Promise<void> {
    this.cases.put(await ask(http.POST('/api/v1/incidents/{incident_id}/report-level', { ...ofIncident(id), body })));
  }

  async edit(id: string, body: EditReport): Promise<void> {
    this.reports.put(await ask(http.POST('/api/v1/incident-reports/{report_id}/edit', { ...ofReport(id), body })));
  }

  async askApproval(id: string, version: number): Promise<void> {
    this.reports.put(await ask(http.POST('/api/v1/incident-reports/{report_id}/ask', { ...ofReport(id), body: { version } })));
  }

  async decide(id: string, version: number, approve: boolean, opinion = ''): Promise<void> {
    const body = { version, approve, opinion };
    this.reports.put(await ask(http.POST('/api/v1/incident-reports/{report_id}/decide', { ...ofReport(id), body })));
  }

  async drop(id: string, version: number): Promise<void> {
    this.reports.put(await ask(http.POST('/api/v1/incident-reports/{report_id}/drop', { ...ofReport(id), body: { version } })));
  }

  async sent(id: string, body: SaySent): Promise<void> {
    this.sendings.put(await ask(http.POST('/api/v1/incidents/{incident_id}/report-sendings', { ...ofIncident(id), body })));
  }

  async acknowledge(sending_id: string, by: string): Promise<void> {
    const params = { path: { sending_id } };
    const body = { by, t_ms: Math.floor(now.read()) };
    this.sendings.put(await ask(http.POST('/api/v1/report-sendings/{sending_id}/acknowledge', { params, body })));
  }
}

export const reporting = new Reporting();
