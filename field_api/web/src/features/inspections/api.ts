/** Inspections, their papers and hazards, and what is counted of them. */
import { API, ask, http } from '$shared/api/client';
import type { components } from '$shared/api/schema';
import { feed } from '$shared/live/feed';
import { Collection } from '$shared/records/collection';

type Schemas = components['schemas'];
export type Inspection = Schemas['InspectionView'];
export type InspectionState = Inspection['state'];
export type Paper = Schemas['PaperView'];
export type Hazard = Schemas['HazardView'];
export type NumberBlock = Schemas['NumberBlockView'];
export type Standing = Schemas['EnterpriseStanding'];
export type OpenInspection = Schemas['OpenInspection'];
export type AssignInspection = Schemas['AssignInspection'];
export type Dossier = Schemas['DossierView'];
export type Coverage = Schemas['TerminalCoverage'];
export type ClosureProposal = Schemas['ClosureProposal'];

export const PAGE = 200;

export const inspections = feed.records('inspection', new Collection<Inspection>(), { whole: false });
export const papers = feed.records('paper', new Collection<Paper>(), { whole: false });
export const hazards = feed.records('hazard', new Collection<Hazard>(), { whole: false });

export interface Asked {
  from_day: string;
  to_day: string;
  area?: string;
  state?: InspectionState;
}

/** Page in the inspections of some days; whether there may be more. */
export async function loadInspections(asked: Asked): Promise<boolean> {
  const query = { ...asked, limit: PAGE };
  const page = await ask(http.GET('/api/v1/inspections', { params: { query } }));
  inspections.putAll(page);
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
  papers.putAll(await ask(http.GET('/api/v1/papers/approvals')));
}

export async function approve(paper_id: string, approve: boolean, opinion: string, id: string): Promise<Paper> {
  const params = { path: { paper_id } };
  return papers.put(
    await ask(http.POST('/api/v1/papers/{paper_id}/approve', { params, body: { id, approve, opinion } })),
  );
}

/** Orders that are due within some days or overdue, soonest first. */
export async function loadDue(within_days: number): Promise<Paper[]> {
  const page = await ask(http.GET('/api/v1/papers/due', { params: { query: { within_days } } }));
  papers.putAll(page);
  return page;
}

export const loadClosures = (): Promise<ClosureProposal[]> =>
  ask(http.GET('/api/v1/inspections/closures'));

export const loadNumbers = (year: number): Promise<NumberBlock[]> =>
  ask(http.GET('/api/v1/papers/numbers', { params: { query: { year } } }));

export const loadCoverage = (): Promise<Coverage[]> => ask(http.GET('/api/v1/inspections/coverage'));

export const standing = (enterprise_id: string): Promise<Standing> =>
  ask(http.GET('/api/v1/enterprises/{enterprise_id}/standing', { params: { path: { enterprise_id } } }));

export const pdfUrl = (paperId: string): string => `${API}/papers/${paperId}/pdf`;
