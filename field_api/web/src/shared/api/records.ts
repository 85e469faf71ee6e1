/** Short names for the server's records, taken from the generated OpenAPI types. */
import type { components } from './schema';

type Schemas = components['schemas'];
/** Every record view carries its version; the OpenAPI document has it once the server does. */
type Kept<T> = T & { version?: number };

export type Session = Schemas['SessionView'];
export type User = Schemas['UserView'];
export type Roster = Schemas['RosterView'];
export type RosterVehicle = Schemas['VehicleView'];
export type RosterTerminal = Schemas['TerminalView'];
export type Fence = Schemas['Fence'];
export type Incident = Kept<Schemas['IncidentView']>;
export type IncidentKind = Incident['kind'];
export type OpenIncident = Schemas['OpenIncident'];
export type TimelineEntry = Schemas['TimelineEntry'];
/** What has a default may be left out. */
export type MakePlan = Partial<Schemas['MakePlan']> &
  Pick<Schemas['MakePlan'], 'id' | 'vehicle_ids'>;
export type Plan = Kept<Schemas['PlanView']>;
/** What the live channel tells of a plan; the whole of it is fetched when it is shown. */
export type PlanHead = Kept<
  Pick<
    Plan,
    | 'id'
    | 'incident_id'
    | 'state'
    | 'revision'
    | 'flyable'
    | 'created_ms'
    | 'created_by'
    | 'authorised_ms'
    | 'authorised_by'
    | 'launched_ms'
  >
>;
/** The way an aircraft flew, or a piece of it. */
export interface Flown {
  id: string;
  version?: number;
  sortie_id: string;
  vehicle_id: string;
  incident_id: string;
  /** Longitude, latitude, altitude AMSL in metres, time in milliseconds. */
  points: [number, number, number, number][];
}
export type SearchPlan = Schemas['SearchPlan'];
export type SortiePlan = Schemas['SortiePlan'];
export type Check = Schemas['Check'];
export type AuthorisePlan = Schemas['AuthorisePlan'];
export type PreflightChecklist = Schemas['PreflightChecklist'];
export type Sortie = Kept<Schemas['SortieView']>;
export type Command = Kept<Schemas['CommandView']>;
export type VehicleAction = Schemas['VehicleOrder']['action'];
export type Detection = Kept<Schemas['DetectionView']>;
export type ReviewDetection = Schemas['ReviewDetection'];
export type Task = Kept<Schemas['TaskView']>;
export type TaskState = Task['state'];
export type AssignTask = Schemas['AssignTask'];
export type Transition = Schemas['TransitionBody'];
export type TaskReportBody = Schemas['TaskReportBody'];
export type TaskReport = Schemas['TaskReportView'];
export type NearestTerminal = Schemas['NearestTerminal'];
export type PositionBody = Schemas['PositionBody'];
export type Node = Schemas['NodeView'];
export type MapBase = Schemas['MapBaseView'];
export type Pattern = Schemas['MakePlan']['pattern'];
export type Coverage = Schemas['CoverageView'];
export type Likelihood = Schemas['LikelihoodView'];
export type MakeLikelihood = Schemas['MakeLikelihood'];
export type Profile = Schemas['ProfileView'];
export type Application = Kept<Schemas['ApplicationView']>;
export type MakeApplication = Schemas['MakeApplication'];
export type AnswerApplication = Schemas['AnswerApplication'];
