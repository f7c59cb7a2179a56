// The unit of every time and every span of time.

/** Milliseconds; as a time, since 1970-01-01 UTC. */
export type Milliseconds = number;
