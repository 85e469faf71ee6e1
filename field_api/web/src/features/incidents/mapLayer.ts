/** Open incidents on the map, the one being worked on top. */
import { desk } from '$shared/desk.svelte';
import { language, t } from '$shared/i18n/i18n.svelte';
import { toMap } from '$shared/map/base';
import { refill, vectorLayer, type FeatureLayer } from '$shared/map/featureLayer';
import { incidentStyle, pointFeature } from '$shared/map/symbols';
import { incidents } from './incidents.svelte';

/** Longer titles stand in the top bar, not on the map. */
const TITLE_LENGTH = 14;
const shortened = (title: string): string =>
  title.length > TITLE_LENGTH ? `${title.slice(0, TITLE_LENGTH)}…` : title;

export function incidentLayer(): FeatureLayer {
  const layer = vectorLayer(16);

  function draw() {
    void language.current;
    const { current } = incidents;
    const shown = current && current.state !== 'open' ? [...incidents.open, current] : incidents.open;
    refill(
      layer,
      shown.map((incident) => {
        const at = toMap(incident.lon_deg, incident.lat_deg);
        const feature = pointFeature(incident.id, at, 'incident');
        const name = shortened(incident.title);
        const title = incident.drill ? `${t('drill.badge')} ${name}` : name;
        feature.setStyle(incidentStyle(incident.kind, title, incident.id === current?.id));
        return feature;
      }),
    );
  }

  return {
    layers: [layer],
    switches: [],
    effects: [draw],
    picked: { layers: [layer], open: (id) => desk.showIncident(id) },
    extent: () => (incidents.current ? [incidents.current] : []),
  };
}
