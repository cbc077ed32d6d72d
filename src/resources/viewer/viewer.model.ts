/** Who the credential belongs to. */
export interface Viewer {
  uuid: string;
  username: string;
  fullName: string | null;
  email: string | null;
  isStaff: boolean;
  isSupport: boolean;
}
