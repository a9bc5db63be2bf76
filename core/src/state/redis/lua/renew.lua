-- Lets the records of these meetings live longer.
local ttl = arg()
for _, id in ipairs(list_arg()) do
  redis.call('EXPIRE', key('meeting:' .. id), ttl)
end
return 1
