// Nothing to add: cuda_emu.h is in front of every kernel file.
#pragma once
