export interface Customer {
  uuid: string;
  url: string;
  name: string;
  nativeName: string | null;
  abbreviation: string | null;
  description: string | null;
  email: string | null;
  phoneNumber: string | null;
  country: string | null;
  created: string | null;
}

export interface CustomerFilter {
  name?: string | null | undefined;
  nameExact?: string | null | undefined;
  nativeName?: string | null | undefined;
  abbreviation?: string | null | undefined;
  query?: string | null | undefined;
}

export type CustomerOrderField = 'NAME' | 'CREATED' | 'NATIVE_NAME' | 'ABBREVIATION';
