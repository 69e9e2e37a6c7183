import type { Admission, IceServerInfo, Participant, QueuePlace, Role, ServerMessage, Snapshot, Topology, VisitState, Waiting } from "./messages";

/** Somebody about whom the patient is asked. */
export interface ConsentAsked {
  participant: string;
  name: string;
  role: Role;
}

/** What this side knows of the visit: the server's words, folded. */
export interface Room {
  self: string;
  role: Role;
  visit: VisitState;
  admission: Admission;
  /** Place in the queue, from 1; absent when the server did not tell. */
  position: number | undefined;
  /** Place among those whom the clinician sees today; absent when the server did not tell. */
  place: QueuePlace | undefined;
  /** Asked for more patience. */
  held: boolean;
  /** How many minutes late the clinician said to be, when it was said. */
  late: number | undefined;
  /** Third persons about whom this side, the patient, is asked. */
  asked: ConsentAsked[];
  participants: Participant[];
  waiting: Waiting[];
  topology: Topology;
  iceServers: IceServerInfo[];
}

export const emptyRoom: Room = {
  self: "", role: "patient", visit: "scheduled", admission: "none", position: undefined, place: undefined, held: false, late: undefined, asked: [], participants: [], waiting: [],
  topology: { mode: "none", epoch: 0, peers: [] }, iceServers: [],
};

function withSnapshot(room: Room, snapshot: Snapshot): Room {
  return {
    ...room,
    visit: snapshot.state,
    admission: snapshot.admission,
    position: snapshot.position ?? undefined,
    place: snapshot.place ?? undefined,
    participants: snapshot.participants,
    waiting: snapshot.waiting ?? [],
    topology: snapshot.topology,
  };
}

/** The parts of a message that are there: an absent one must not wipe out what is known. */
function given<T extends object>(parts: T): Partial<{ [K in keyof T]: Exclude<T[K], undefined | null> }> {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value != null)) as Partial<{ [K in keyof T]: Exclude<T[K], undefined | null> }>;
}

function withParticipant(room: Room, one: Participant, left: boolean): Room {
  const others = room.participants.filter((known) => known.participant !== one.participant);
  const before = room.participants.find((known) => known.participant === one.participant);
  return { ...room, participants: left ? others : [...others, { ...before, ...one }] };
}

/** A state says all of it: a mark that is absent is off. */
function withState(room: Room, { from, audio, video, screen, hand, screen_mid, video_off_by }: Extract<ServerMessage, { t: "state" }>): Room {
  const before = room.participants.find((one) => one.participant === from);
  if (!before) return room;
  const { role, name, state } = before;
  const others = room.participants.filter((known) => known !== before);
  return { ...room, participants: [...others, { participant: from, role, ...given({ name, state, audio, video, screen, hand, screen_mid, video_off_by }) }] };
}

function withWaiting(room: Room, message: Extract<ServerMessage, { t: "waiting" }>): Room {
  if (message.participant === room.self) {
    return { ...room, admission: message.event === "left" ? room.admission : "waiting", position: message.position ?? room.position };
  }
  const others = room.waiting.filter((known) => known.participant !== message.participant);
  if (message.event === "left") return { ...room, waiting: others };
  const before = room.waiting.find((known) => known.participant === message.participant);
  const { participant, name, role, since, precheck, held, asked } = message;
  return { ...room, waiting: [...others, { ...before, participant, ...given({ name, role, since, precheck, held, asked }) }] };
}

/** The room after a message. */
export function fold(room: Room, message: ServerMessage): Room {
  switch (message.t) {
    case "welcome":
      return { ...withSnapshot(room, message.snapshot), asked: [], self: message.self.participant, role: message.self.role, iceServers: message.ice_servers };
    case "resumed":
      return { ...(message.snapshot ? { ...withSnapshot(room, message.snapshot), asked: [] } : room), iceServers: message.ice_servers };
    case "snapshot":
      return withSnapshot(room, message.snapshot);
    case "waiting":
      return withWaiting(room, message);
    case "place": {
      const { position, ahead, expected_at, late_min } = message;
      return { ...room, place: { position, ahead, ...given({ expected_at, late_min }) } };
    }
    case "held":
      return message.participant === room.self ? { ...room, held: true } : room;
    case "late":
      return { ...room, late: message.minutes > 0 ? message.minutes : undefined };
    case "consent_request": {
      const { participant, name, role } = message;
      return { ...room, asked: [...room.asked.filter((one) => one.participant !== participant), { participant, name, role }] };
    }
    case "admitted":
      return message.participant === room.self
        ? { ...room, admission: "admitted", held: false }
        : { ...room, waiting: room.waiting.filter((known) => known.participant !== message.participant) };
    case "denied":
      return message.participant === room.self
        ? { ...room, admission: "denied", held: false }
        : { ...room, waiting: room.waiting.filter((known) => known.participant !== message.participant) };
    case "participant": {
      const { participant, role, name, state, audio, video, screen, hand, screen_mid, video_off_by } = message;
      const one = { participant, role, ...given({ name, state, audio, video, screen, hand, screen_mid, video_off_by }) };
      return withParticipant(room, one, message.event === "left");
    }
    case "topology": {
      const { mode, epoch, peers, keep, video } = message;
      return { ...room, topology: { mode, epoch, peers, ...given({ keep, video }) } };
    }
    case "state":
      return withState(room, message);
    case "visit":
      return { ...room, visit: message.state };
    case "ice_servers":
      return { ...room, iceServers: message.ice_servers };
    default:
      return room;
  }
}

/** The room after this side answered about a third person. */
export function answered(room: Room, participant: string): Room {
  return { ...room, asked: room.asked.filter((one) => one.participant !== participant) };
}
