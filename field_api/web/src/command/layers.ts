/** What stands on the console's map, from the ground up. */
import { expected } from '$shared/api/client';
import { language } from '$shared/i18n/i18n.svelte';
import { feed } from '$shared/live/feed';
import { vectorLayer, type FeatureLayer } from '$shared/map/featureLayer';
import { session } from '$shared/session/session.svelte';
import { cameraLayer } from '../features/cameras/mapLayer';
import { detectionLayer } from '../features/detections/mapLayer';
import { reportLayer } from '../features/field_reports/mapLayer';
import { sosLayer } from '../features/field_reports/sosLayer';
import { flightLayer } from '../features/flights/mapLayer';
import { incidentLayer } from '../features/incidents/mapLayer';
import { messageLayer } from '../features/messages/mapLayer';
import { importLayer } from '../features/plan_files/mapLayer';
import { planLayer } from '../features/plans/mapLayer';
import { spreadLayer } from '../features/fire_spread/mapLayer';
import { drawingLayer } from '../features/plotting/mapLayer';
import { pointerLayer } from '../features/plotting/pointerLayer';
import { rosterLayer } from '../features/roster/mapLayer';
import { warningLayer } from '../features/warnings/mapLayer';
import { viewRequestLayer } from '../features/view_requests/mapLayer';
import { tasks } from '../features/tasks/tasks.svelte';

const busyTerminals = (): Set<string> =>
  new Set(
    tasks.records.all
      .filter((task) => !['done', 'refused', 'cancelled'].includes(task.state))
      .map((task) => task.terminal_id),
  );

/** The registers are only loaded when somebody wants to see them. */
function registersLayer(): FeatureLayer {
  const layer = vectorLayer(14.5);
  layer.setVisible(false);
  const load = () => import('../features/registers/mapLayer');
  const shown = () => void load().then(({ fillRegisterLayer }) => fillRegisterLayer(layer)).catch(expected);
  return {
    layers: [layer],
    switches: [{ key: 'map.layer.registers', layers: [layer], on: false, shown }],
    effects: [],
    picked: { layers: [layer], open: (id) => void load().then(({ openEntry }) => openEntry(id)) },
  };
}

/** Drawn at once for everybody: people are in them. */
function dangersLayer(): FeatureLayer {
  const REDRAW_TICKS = 300; // a minute: zones begin and end by the clock
  const layer = vectorLayer(12);
  const load = () => import('../features/registers/dangerLayer');
  return {
    layers: [layer],
    switches: [{ key: 'map.layer.dangers', layers: [layer] }],
    effects: [
      () => {
        void language.current; // kinds change with the language
        const fill = () => void load().then(({ loadDangers }) => loadDangers(layer)).catch(expected);
        fill();
        return feed.onSnapshot(fill);
      },
    ],
    tick: (_, ticks) => {
      if (ticks % REDRAW_TICKS === 0) void load().then(({ drawDangers }) => drawDangers(layer)).catch(expected);
    },
    ...(session.may('register.view')
      ? { picked: { layers: [layer], open: (id: string) => void import('../features/registers/mapLayer').then(({ openEntry }) => openEntry(id)) } }
      : {}),
  };
}

export const deskLayers = (): FeatureLayer[] => [
  rosterLayer(busyTerminals),
  ...(session.may('warning.view') ? [warningLayer()] : []),
  ...(session.may('view') ? [dangersLayer()] : []),
  planLayer(),
  importLayer(),
  ...(session.may('fire_spread.view') ? [spreadLayer()] : []),
  ...(session.may('drawing.view') ? [drawingLayer()] : []),
  flightLayer(),
  cameraLayer(),
  ...(session.may('register.view') ? [registersLayer()] : []),
  incidentLayer(),
  ...(session.may('message.view') ? [messageLayer()] : []),
  ...(session.may('field_report.view') ? [reportLayer()] : []),
  ...(session.may('view_request.view') ? [viewRequestLayer()] : []),
  detectionLayer(),
  ...(session.may('pointer.view') ? [pointerLayer()] : []),
  ...(session.may('position.view') ? [sosLayer()] : []),
];
