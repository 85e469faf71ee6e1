/** Files read by the command post, and files of what it holds. */
import { ApiProblem, ask, call, http } from '$shared/api/client';
import type { components } from '$shared/api/schema';
import type { Outline } from '../plans/outlines';
import type { FileContents } from './uses';

export type Offer = components['schemas']['ExportView'];
/** Those that can carry areas. */
export const DRAWING_FORMATS = ['kml', 'kmz', 'geojson', 'gpx'] as const;
export type DrawingFormat = (typeof DRAWING_FORMATS)[number];

const LARGEST_BYTES = 20_000_000;

/** What a file holds; nothing is kept of it. */
export async function readPlanFile(file: File): Promise<FileContents> {
  if (file.size > LARGEST_BYTES) {
    throw new ApiProblem(413, 'too_large', '文件超过 20 MB:请删去不需要的部分再导入', 'The file is larger than 20 MB: take out what is not needed and import it again');
  }
  let bytes: ArrayBuffer;
  try {
    bytes = await file.arrayBuffer();
  } catch (caught) {
    if (!(caught instanceof DOMException)) throw caught;
    throw new ApiProblem(0, 'unreadable', '读不出:可能是文件夹,或文件已移走;请重新选择文件', 'It can\'t be read: it may be a folder, or was moved away; choose the file again');
  }
  return call('POST', '/plan-files', { query: { name: file.name.slice(0, 300) }, body: new Blob([bytes]) });
}

export const planExports = (plan_id: string): Promise<Offer[]> =>
  ask(http.GET('/api/v1/plans/{plan_id}/exports', { params: { path: { plan_id } } }));

export const incidentExports = (incident_id: string): Promise<Offer[]> =>
  ask(http.GET('/api/v1/incidents/{incident_id}/exports', { params: { path: { incident_id } } }));

/** What is drawn and not planned yet, as a file. */
export async function drawingFile(outlines: Outline[], ending: DrawingFormat): Promise<Blob> {
  const places = (ring: [number, number][]) => ring.map(([lon_deg, lat_deg]) => ({ lat_deg, lon_deg }));
  const areas = outlines.map(({ outer, holes }) => ({ outer: places(outer), holes: holes.map(places) }));
  const params = { path: { ending } };
  const asked = http.POST('/api/v1/plan-files/drawing.{ending}', { params, body: { areas }, parseAs: 'blob' });
  return (await ask(asked as Promise<{ data?: unknown }>)) as Blob;
}
