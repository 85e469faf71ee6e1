/** What cameras keep in the picture: a line from the aircraft to the place. */
import Feature from 'ol/Feature';
import LineString from 'ol/geom/LineString';
import Point from 'ol/geom/Point';
import { Fill, RegularShape, Stroke, Style } from 'ol/style';
import { toMap } from '$shared/map/base';
import { refill, vectorLayer, type FeatureLayer } from '$shared/map/featureLayer';
import { flights } from '../flights/flights.svelte';
import { roster } from '../roster/roster.svelte';
import './texts';

export function cameraLayer(): FeatureLayer {
  const sights = vectorLayer(12);

  function draw() {
    refill(
      sights,
      [...flights.vehicles.values()].flatMap(({ state }) => {
        const place = state.camera?.place;
        if (!place || state.lat_deg == null || state.lon_deg == null) return [];
        const [from, to] = [toMap(state.lon_deg, state.lat_deg), toMap(place.lon_deg, place.lat_deg)];
        const colour = roster.colourOf(state.vehicle_id);
        const line = new Feature(new LineString([from, to]));
        line.setStyle(new Style({ stroke: new Stroke({ color: colour, width: 1.5, lineDash: [3, 5] }) }));
        const mark = new Feature(new Point(to));
        mark.setStyle(
          new Style({
            image: new RegularShape({
              points: 4,
              radius: 9,
              radius2: 2,
              fill: new Fill({ color: colour }),
              stroke: new Stroke({ color: '#06101c', width: 1.5 }),
            }),
          }),
        );
        return [line, mark];
      }),
    );
  }

  return {
    layers: [sights],
    switches: [{ key: 'camera.layer', layers: [sights] }],
    effects: [draw],
  };
}
