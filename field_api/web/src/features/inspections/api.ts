/** Inspections, their papers and hazards, and what is counted of them. */
import { API, ask, http } from '$shared/api/client';
import type { Recording, RecordingDetail } from '$shared/api/records';
import type { components } from '$shared/api/schema';
import { feed } from '$shared/live/feed';
import { Collection } from '$shared/records/collection';

type Schemas = components['schemas'];
export type Inspection = Schemas['InspectionView'];
export type InspectionState = Inspection['state'];
export type Paper = Schemas['PaperView'];
export type Hazard = Schemas['HazardView'];
export type NumberAccount = Schemas['NumberAccountView'];
export type NumberRange = Schemas['NumberRange'];
export type Standing = Schemas['EnterpriseStanding'];
export type OpenInspection = Schemas['OpenInspection'];
export type AssignInspection = Schemas['AssignInspection'];
export type Dossier = Schemas['InspectionDossier'];
export type Coverage = Schemas['TerminalCoverageView'];
export type ClosureProposal = Schemas['ClosureProposalView'];
export type DueOrder = Schemas['DueOrderView'];
export type YearPlan = Schemas['InspectionPlanView'];
export type PlanProgress = Schemas['PlanProgress'];

export const PAGE = 200;

export const inspections = feed.records('inspection', new Collection<Inspection>(), { whole: false });
export const papers = feed.records('paper', new Collection<Paper>(), { whole: false });
export const hazards = feed.records('hazard', new Collection<Hazard>(), { whole: false });
export const recordings = feed.records('recording', new Collection<Recording>(), { whole: false });

/** Page in the inspections of some days with their papers and hazards; whether there may be more. */
export async function loadInspections(day_from: string, day_to: string): Promise<boolean> {
  const query = { day_from, day_to, limit: PAGE };
  const [page, theirPapers, theirHazards] = await Promise.all([
    ask(http.GET('/api/v1/inspections', { params: { query } })),
    ask(http.GET('/api/v1/papers', { params: { query: { ...query, limit: 500 } } })),
    ask(http.GET('/api/v1/hazards', { params: { query: { ...query, limit: 500 } } })),
  ]);
  inspections.putAll(page);
  papers.putAll(theirPapers);
  hazards.putAll(theirHazards);
  return page.length === PAGE;
}

const one = (inspection_id: string) => ({ params: { path: { inspection_id } } });

/** Everything of an inspection at once. */
export async function loadDossier(id: string): Promise<Dossier> {
  const dossier = await ask(http.GET('/api/v1/inspections/{inspection_id}/dossier', one(id)));
  inspections.put(dossier.inspection);
  papers.putAll(dossier.papers);
  hazards.putAll(dossier.hazards);
  return dossier;
}

export const open = async (body: OpenInspection): Promise<Inspection> =>
  inspections.put(await ask(http.POST('/api/v1/inspections', { body })));

export const assign = async (id: string, body: AssignInspection): Promise<Inspection> =>
  inspections.put(await ask(http.POST('/api/v1/inspections/{inspection_id}/assign', { ...one(id), body })));

export async function loadApprovals(): Promise<void> {
  papers.putAll(await ask(http.GET('/api/v1/paper-approvals')));
}

export async function approve(paper_id: string, approve: boolean, opinion: string, id: string): Promise<Paper> {
  const params = { path: { paper_id } };
  return papers.put(
    await ask(http.POST('/api/v1/papers/{paper_id}/approve', { params, body: { id, approve, opinion } })),
  );
}

/** Orders that no review has found done, the longest overdue first. */
export const loadDue = (until: string): Promise<DueOrder[]> =>
  ask(http.GET('/api/v1/due-orders', { params: { query: { until } } }));

export const loadClosures = (): Promise<ClosureProposal[]> =>
  ask(http.GET('/api/v1/closure-proposals'));

export const loadAccounts = (year: number): Promise<NumberAccount[]> =>
  ask(http.GET('/api/v1/number-account', { params: { query: { year } } }));

export const loadRecordings = (inspection_id: string): Promise<Recording[]> =>
  ask(http.GET('/api/v1/recordings', { params: { query: { inspection_id } } }));

export const loadRecording = (recording_id: string): Promise<RecordingDetail> =>
  ask(http.GET('/api/v1/recordings/{recording_id}', { params: { path: { recording_id } } }));

export const loadCoverage = (): Promise<Coverage[]> => ask(http.GET('/api/v1/terminal-coverage'));

export const standing = (enterprise_id: string): Promise<Standing> =>
  ask(http.GET('/api/v1/enterprises/{enterprise_id}/standing', { params: { path: { enterprise_id } } }));

export const pdfUrl = (paperId: string): string => `${API}/papers/${paperId}/paper.pdf`;

export const loadYearPlan = (year: number): Promise<PlanProgress> =>
  ask(http.GET('/api/v1/inspection-plans/{year}', { params: { path: { year } } }));

export const writeYearPlan = (body: Schemas['WritePlan']): Promise<YearPlan> =>
  ask(http.POST('/api/v1/inspection-plans', { body }));

export const submitYearPlan = (plan_id: string, body: Schemas['SubmitPlan']): Promise<YearPlan> =>
  ask(http.POST('/api/v1/inspection-plans/{plan_id}/submit', { params: { path: { plan_id } }, body }));

export const approveYearPlan = (plan_id: string, body: Schemas['ApprovePlan']): Promise<YearPlan> =>
  ask(http.POST('/api/v1/inspection-plans/{plan_id}/approve', { params: { path: { plan_id } }, body }));
