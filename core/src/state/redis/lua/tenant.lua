-- The tenant of that name or ID with its settings, or nil.
local by, id = arg(), arg()
if by == 'name' then
  id = redis.call('HGET', key('tenant_name:' .. id), 'id')
end
return id and tenant_record(id) or false
