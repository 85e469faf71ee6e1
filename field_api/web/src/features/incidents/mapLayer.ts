/**
 * Open incidents on the map: the one being worked by itself on top, the others gathered where they
 * would cover each other.
 */
import Feature from 'ol/Feature';
import type Point from 'ol/geom/Point';
import VectorLayer from 'ol/layer/Vector';
import Cluster from 'ol/source/Cluster';
import VectorSource from 'ol/source/Vector';
import type { Incident } from '$shared/api/records';
import { desk } from '$shared/desk.svelte';
import { distanceM } from '$shared/geodesy';
import { language, t } from '$shared/i18n/i18n.svelte';
import { toMap } from '$shared/map/base';
import { refill, vectorLayer, type FeatureLayer } from '$shared/map/featureLayer';
import { mapState } from '$shared/map/mapState.svelte';
import { gatheredStyle, incidentStyle, pointFeature } from '$shared/map/symbols';
import { incidents } from './incidents.svelte';

/** Longer titles stand in the top bar, not on the map. */
const TITLE_LENGTH = 14;
/** Pins nearer than this cover each other. */
const NEAR_PX = 34;
/** Nearer than this no zoom parts them. */
const ONE_PLACE_M = 30;

const shortened = (title: string): string =>
  title.length > TITLE_LENGTH ? `${title.slice(0, TITLE_LENGTH)}…` : title;

function pin(incident: Incident, current: boolean): Feature<Point> {
  const feature = pointFeature(incident.id, toMap(incident.lon_deg, incident.lat_deg), 'incident');
  const name = shortened(incident.title);
  const title = incident.drill ? `${t('drill.badge')} ${name}` : name;
  feature.setStyle(incidentStyle(incident.kind, title, current));
  return feature;
}

export function incidentLayer(): FeatureLayer {
  const current = vectorLayer(16.5);
  const pins = new VectorSource<Feature<Point>>();
  const others = new VectorLayer({
    source: new Cluster({
      distance: NEAR_PX,
      source: pins,
      createCluster: (point, members) => {
        const gathered = new Feature({ geometry: point });
        gathered.setId(members.map((each) => each.getId()).join(' '));
        gathered.setStyle(
          members.length === 1
            ? (members[0]!.getStyle() as ReturnType<typeof incidentStyle>)
            : gatheredStyle(t('incident.gathered', { count: members.length })),
        );
        return gathered;
      },
    }),
    zIndex: 16,
    declutter: 'operation',
  });

  function draw() {
    void language.current;
    const worked = incidents.current;
    refill(current, worked ? [pin(worked, true)] : []);
    pins.clear(true);
    pins.addFeatures(incidents.open.filter((each) => each.id !== worked?.id).map((each) => pin(each, false)));
  }

  /** One incident is opened; several come apart, or are chosen from where they can't. */
  function open(id: string) {
    const ids = id.split(' ');
    if (ids.length === 1) return desk.showIncident(id);
    const there = ids.flatMap((each) => incidents.records.get(each) ?? []);
    const [first, ...rest] = there;
    if (first && rest.some((each) => distanceM(first, each) > ONE_PLACE_M)) mapState.frame = there;
    else incidents.choosing = true;
  }

  return {
    layers: [others, current],
    switches: [],
    effects: [draw],
    picked: { layers: [others, current], open },
    extent: () => (incidents.current ? [incidents.current] : []),
  };
}
