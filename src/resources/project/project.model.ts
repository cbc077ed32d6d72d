import type { Row } from '../../rows/row.ts';
import type { Customer } from '../customer/customer.model.ts';

export interface Project {
  uuid: string;
  url: string;
  name: string;
  description: string;
  created: string | null;
  startDate: string | null;
  endDate: string | null;
  backendId: string | null;
  customer: Row<Customer>;
}

export interface ProjectFilter {
  name?: string | null | undefined;
  nameExact?: string | null | undefined;
  query?: string | null | undefined;
  customers?: readonly string[] | null | undefined;
  canManage?: boolean | null | undefined;
}

export type ProjectOrderField = 'NAME' | 'CREATED' | 'CUSTOMER_NAME' | 'START_DATE' | 'END_DATE';
