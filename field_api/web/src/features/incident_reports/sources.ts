/** From a phrase of a report to the record that it is from. */
import type { ReportSource } from '$shared/api/records';
import { desk } from '$shared/desk.svelte';
import { session } from '$shared/session/session.svelte';
import { reports } from '../field_reports/reports.svelte';
import { reporting } from './reporting.svelte';

/** Show the record on the desk; false where the dialog itself shows what the record says. */
export function showSource({ topic, record_ids }: ReportSource): boolean {
  const id = record_ids[0];
  if (!id) return false;
  if (topic === 'incident_report') {
    reporting.openId = id;
    return true;
  }
  if (topic === 'task') desk.tab = 'tasks';
  else if (topic === 'sortie') desk.tab = 'flight';
  else if (topic === 'detection' && session.may('detection.view')) desk.reviewId = id;
  else if (topic === 'field_report' && session.may('field_report.view')) {
    desk.tab = 'reports';
    const report = reports.records.get(id);
    if (report) reports.select(report);
  } else return false;
  reporting.openId = null;
  return true;
}
