select
  count(*)::int as tenants
from
  tenant
