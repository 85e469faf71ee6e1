/** Short names for the server's records, taken from the generated OpenAPI types. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Session = Schemas['SessionView'];
export type Credentials = Schemas['Credentials'];
export type User = Schemas['UserView'];
export type Roster = Schemas['RosterView'];
export type RosterVehicle = Schemas['VehicleView'];
export type RosterTerminal = Schemas['TerminalView'];
export type Fence = Schemas['Fence'];
export type Incident = Schemas['IncidentView'];
export type IncidentKind = Incident['kind'];
export type OpenIncident = Schemas['OpenIncident'];
export type EditIncident = Schemas['EditIncident'];
export type CountPeople = Schemas['CountPeople'];
/** What one count said of all people of an incident. */
export type PeopleFigures = Schemas['FiguresView'];
/** A duty to report upwards, and its clock. */
export type ReportClock = Schemas['ClockView'];
/** What reports of an incident need besides it. */
export type ReportCase = Schemas['CaseView'];
export type IncidentReport = Schemas['ReportView'];
export type ReportSection = IncidentReport['sections'][number];
/** Where a phrase of a report comes from. */
export type ReportSource = ReportSection['sources'][number];
export type ReportGap = ReportSection['gaps'][number];
/** Somebody said that a report was sent. */
export type ReportSending = Schemas['SendingView'];
export type FigureChange = Schemas['ChangeView'];
export type SayFacts = Schemas['SayFacts'];
export type SayLevel = Schemas['SayLevel'];
export type SaySent = Schemas['SayOneSent'];
export type DraftReport = Schemas['DraftReport'];
export type EditReport = Schemas['EditReport'];
/** One edition of a plan for emergencies. */
export type ResponsePlan = Schemas['ResponsePlanView'];
export type PlanLevel = ResponsePlan['levels'][number];
export type PlanAction = PlanLevel['actions'][number];
export type WritePlanEdition = Schemas['WriteResponsePlan'];
export type PlanDrill = Schemas['DrillView'];
export type SayDrill = Schemas['SayDrill'];
export type PlanStart = Schemas['PlanStartView'];
export type StartPlan = Schemas['StartPlan'];
/** An action of a plan that was started for an incident. */
export type StartedAction = Schemas['ActionView'];
export type TimelineEntry = Schemas['TimelineEntry'];
/** What has a default may be left out. */
export type MakePlan = Partial<Schemas['MakePlan']> &
  Pick<Schemas['MakePlan'], 'id' | 'vehicle_ids'>;
export type Plan = Schemas['PlanView'];
/** What the live channel tells of a plan; the whole of it is fetched when it is shown. */
export type PlanHead = Schemas['PlanHead'];
/** The way an aircraft flew, or a piece of it: longitude, latitude, altitude AMSL in metres, time. */
export type Flown = Schemas['FlownView'];
export type SearchPlan = Schemas['SearchPlan'];
export type SortiePlan = Schemas['SortiePlan'];
export type Check = Schemas['Check'];
export type FlightFacts = Schemas['FlightFacts'];
export type StateFacts = Schemas['StateFacts'];
export type AuthorisePlan = Schemas['AuthorisePlan'];
export type PreflightChecklist = Schemas['PreflightChecklist'];
export type Sortie = Schemas['SortieView'];
export type Command = Schemas['CommandView'];
export type VehicleAction = Schemas['VehicleOrder']['action'];
export type FlyToPlace = Schemas['FlyToPlace'];
export type LookAgainAt = Schemas['LookAgainAt'];
export type FollowHandheld = Schemas['FollowHandheld'];
export type KeepWatch = Schemas['KeepWatch'];
/** A place that aircraft watch one after another. */
export type Station = Schemas['StationView'];
export type Detection = Schemas['DetectionView'];
export type DetectionMask = Schemas['MaskView'];
export type DetectorSetting = Schemas['DetectorView'];
export type TuneDetector = Schemas['TuneDetector'];
export type ReviewDetection = Schemas['ReviewDetection'];
export type Task = Schemas['TaskView'];
export type TaskState = Task['state'];
export type AssignTask = Schemas['AssignTask'];
export type HandOverTask = Schemas['HandOverTask'];
export type CancelTask = Schemas['CancelTask'];
export type CheckIn = Schemas['CheckInView'];
export type SetCheckIn = Schemas['SetCheckIn'];
/** “I am well.” */
export type SayWell = Schemas['SayWell'];
export type RollCall = Schemas['RollCallView'];
export type RollAsk = Schemas['RollAskView'];
export type FalseAlarm = Schemas['FalseAlarmView'];
export type FalseAlarmsOfDay = Schemas['FalseAlarmsOfDay'];
export type PlaceAlert = Schemas['PlaceAlert'];
export type SightLine = Schemas['SightLine'];
export type Transition = Schemas['TransitionBody'];
export type TaskReportBody = Schemas['TaskReportBody'];
export type TaskReport = Schemas['TaskReportView'];
export type NearestTerminal = Schemas['NearestTerminal'];
export type FieldReport = Schemas['FieldReportView'];
export type AcceptReport = Schemas['AcceptReport'];
/** What has a default may be left out. */
export type QuickReport = Partial<Schemas['QuickReport']> &
  Pick<Schemas['QuickReport'], 'id' | 't_ms' | 'kind' | 'lat_deg' | 'lon_deg'>;
/** Somebody in the field asks for a drone's view of a place. */
export type ViewRequest = Schemas['ViewRequestView'];
export type ViewPurpose = ViewRequest['purpose'];
export type Still = Schemas['StillBody'];
/** What has a default may be left out. */
export type AskView = Partial<Schemas['AskView']> &
  Pick<Schemas['AskView'], 'id' | 't_ms' | 'purpose' | 'lat_deg' | 'lon_deg'>;
export type WithdrawView = Schemas['WithdrawView'];
export type AnswerView = Schemas['AnswerView'];
/** Something drawn on the map of an incident. */
export type Drawing = Schemas['DrawingView'];
export type DrawingContent = Omit<Schemas['ImportedDrawing'], 'id'>;
/** What of a file can be drawn. */
export type DrawingFile = Schemas['DrawingFileView'];
export type FireLine = Schemas['FireLineView'];
export type MakeDrawing = Partial<Schemas['MakeDrawing']> &
  Pick<Schemas['MakeDrawing'], 'id' | 't_ms' | 'incident_id' | 'kind' | 'shape'>;
/** “Look here.” */
export type Pointer = Schemas['PointerView'];
export type MakePointer = Partial<Schemas['MakePointer']> &
  Pick<Schemas['MakePointer'], 'id' | 't_ms' | 'incident_id' | 'lat_deg' | 'lon_deg'>;
export type Wind = Schemas['WindView'];
export type ReportWind = Schemas['ReportWind'];
export type SpreadHead = Schemas['SpreadHead'];
export type Spread = Schemas['SpreadView'];
export type Fuel = Schemas['FuelView'];
export type Sos = Schemas['SosView'];
export type RaiseSos = Partial<Schemas['RaiseSos']> & Pick<Schemas['RaiseSos'], 'id' | 't_ms'>;
export type CancelSos = Schemas['CancelSos'];
export type PositionBody = Schemas['PositionBody'];
export type Node = Schemas['NodeView'];
export type MapBase = Schemas['MapBaseView'];
export type Pattern = Schemas['MakePlan']['pattern'];
export type Coverage = Schemas['CoverageView'];
export type LikelihoodHead = Schemas['LikelihoodHead'];
export type Likelihood = Schemas['LikelihoodView'];
export type MakeLikelihood = Schemas['MakeLikelihood'];
export type Profile = Schemas['ProfileView'];
export type Application = Schemas['ApplicationView'];
export type EditApplication = Schemas['EditApplication'];
export type MakeApplication = Schemas['MakeApplication'];
export type AnswerApplication = Schemas['AnswerApplication'];
export type CameraHold = Schemas['CameraView'];
export type CameraAim = Partial<Schemas['AimBody']>;
export type PlanOption = Schemas['PlanOption'];
export type Anomaly = Schemas['AnomalyView'];
/** Something said in an incident's channel, or about one of its tasks. */
export type Message = Schemas['MessageView'];
/** How far one person has read in one channel. */
export type MessageMark = Schemas['MessageMarkView'];
export type SendMessage = Partial<Schemas['SendMessage']> &
  Pick<Schemas['SendMessage'], 'id' | 't_ms' | 'incident_id'>;
export type ReadMessages = Schemas['ReadMessages'];
/** A full-process recording of an inspection, in chained pieces. */
export type Recording = Schemas['RecordingView'];
export type RecordingDetail = Schemas['RecordingDetail'];
export type BeginRecording = Schemas['BeginRecording'];
export type AddPiece = Schemas['AddPiece'];
export type EndRecording = Schemas['EndRecording'];
/** What was recorded of an incident, by stream. */
export type Footage = Schemas['FootageView'];
export type StreamFootage = Schemas['StreamFootage'];
/** A minute or less of one stream. */
export type FootageFile = Schemas['FootageFileView'];
export type FootageGap = Schemas['FootageGapView'];
/** Where the fragments of a file lie. */
export type FootageIndex = Schemas['FootageIndexView'];
export type FootageBeside = Schemas['FootageBeside'];
/** A still or a clip that was taken out. */
export type FootageExport = Schemas['FootageExportView'];
/** A warning (预警) that was published here or received. */
export type Warning = Schemas['WarningView'];
export type WarningDraft = Schemas['WarningDraftView'];
export type WarningReceipt = Schemas['WarningReceiptView'];
export type DraftWarning = Partial<Schemas['DraftWarning']> & Pick<Schemas['DraftWarning'], 'id'>;
export type EditWarningDraft = Partial<Schemas['EditDraft']> & Pick<Schemas['EditDraft'], 'version'>;
export type WarningFile = Schemas['WarningFileView'];
export type WarningSetup = Schemas['WarningSetupView'];
export type WarningReach = Schemas['ReachView'];
export type SeenWarning = Schemas['SeenWarning'];
/** One shift change, and where everything stood at it. */
export type Handover = Schemas['HandoverView'];
export type Standing = Schemas['Standing'];
/** The command of an incident by name, and its neighbours. */
export type Coordination = Schemas['CoordinationView'];
export type CommandGroup = Schemas['GroupView'];
export type GroupVersion = Schemas['GroupVersion'];
export type GroupMember = Schemas['Member'];
export type SetUpGroup = Schemas['SetUpGroup'];
export type EditGroup = Schemas['EditGroup'];
export type Neighbour = Schemas['NeighbourView'];
export type NeighbourNotice = Schemas['NoticeView'];
export type TellNeighbour = Schemas['TellNeighbour'];
