/** Every key there is, from the catalogues of all features; types only, so nothing is bundled. */
type Catalogues = typeof import('./zh.json') &
  typeof import('../../command/zh.json') &
  typeof import('../../command/palette/zh.json') &
  typeof import('../../command/tour/zh.json') &
  typeof import('../../terminal/zh.json') &
  typeof import('../../verify/zh.json') &
  typeof import('../messages/zh.json') &
  typeof import('../warnings/zh.json') &
  typeof import('../paper/zh.json') &
  typeof import('../../terminal/inspections/zh.json') &
  typeof import('../../features/accounts/zh.json') &
  typeof import('../../features/cameras/zh.json') &
  typeof import('../../features/check_ins/zh.json') &
  typeof import('../../features/detections/zh.json') &
  typeof import('../../features/detectors/zh.json') &
  typeof import('../../features/field_reports/zh.json') &
  typeof import('../../features/fire_spread/zh.json') &
  typeof import('../../features/flights/zh.json') &
  typeof import('../../features/footage/zh.json') &
  typeof import('../../features/coordination/zh.json') &
  typeof import('../../features/handovers/zh.json') &
  typeof import('../../features/incident_reports/zh.json') &
  typeof import('../../features/incidents/zh.json') &
  typeof import('../../features/inspections/zh.json') &
  typeof import('../../features/maps/zh.json') &
  typeof import('../../features/messages/zh.json') &
  typeof import('../../features/view_requests/zh.json') &
  typeof import('../../features/nodes/zh.json') &
  typeof import('../../features/parameters/zh.json') &
  typeof import('../../features/plan_files/zh.json') &
  typeof import('../../features/plans/zh.json') &
  typeof import('../../features/plotting/zh.json') &
  typeof import('../../features/registers/zh.json') &
  typeof import('../../features/response_plans/zh.json') &
  typeof import('../../features/tasks/zh.json') &
  typeof import('../../features/timeline/zh.json') &
  typeof import('../../features/video/zh.json') &
  typeof import('../../features/warnings/zh.json');

export type MessageKey = Exclude<keyof Catalogues, 'default'> & string;
