import { saveOrganization as act } from '../lib/run/organization/save-organization.ts';
import { step } from '../lib/step.ts';

/** Reads what the organization itself is: description, members, roles, groups. */
export const saveOrganization = step('saveOrganization', act);
