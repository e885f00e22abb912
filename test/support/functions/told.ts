/** How often the activities of typed.ts were tried; registers no function. */
export const told = { attempts: 0 };
