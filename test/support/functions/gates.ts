const gates = new Map<string, Gate>();

/** A place where an activity stops until a test lets it go on. */
export interface Gate {
  reached: PromiseWithResolvers<void>;
  opened: PromiseWithResolvers<void>;
}

/** The gate of this name; registers no function, so that a test may import it before there is a host. */
export function gate(name: string): Gate {
  const found = gates.get(name) ?? { reached: Promise.withResolvers<void>(), opened: Promise.withResolvers<void>() };
  gates.set(name, found);
  return found;
}
