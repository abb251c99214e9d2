using 'main.bicep'

// Beginning of all names. What is not set here has the default that main.bicep documents.
param name = 'serverless'

// One account may hold many hubs; this app serves one.
param hub = 'default'

// Three copies in one data centre are cheapest; Standard_ZRS survives the loss of a zone.
param storageSku = 'Standard_LRS'

// Upper bound of the bill: instances of 2,048 MB at a time.
param instanceMemoryMB = 2048
param maximumInstanceCount = 40

// To use the command line on this hub: az ad signed-in-user show --query id -o tsv
param operatorPrincipalId = ''
